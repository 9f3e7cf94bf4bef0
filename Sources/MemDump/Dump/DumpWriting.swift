import SystemPackage
internal import Synchronization

/// The writing of a dump: to a file with its manifest, or to a stream.
struct DumpWriting {
  /// The result of the writing.
  struct Result: Sendable {
    var copied: DumpCopy.Result
    var writtenByteCount: UInt64
    var digest: String?
    /// The instants when the copying began and ended, in nanoseconds since 1970.
    var instants: ClosedRange<UInt64>
    /// The manifest that was replaced, where it could not be taken away.
    var leftover: FilePath?
  }

  let layout: FileLayout
  let contents: [Range<Address>]
  let source: any StagedSource
  let digest: (any FileDigest.Type)?
  let control: WorkControl
  /// The process to ask for the usage of regions, where the map does not tell that.
  var target: TargetProcess?

  /// Writes to a pipe; holes become zeros.
  func write(to file: FileDescriptor, path: FilePath) throws(MemDumpError) -> Result {
    Syscall.enlargePipe(file, to: 1 << 20)
    let writer = try SequentialWriter(isStopped: { [control] in control.isStopped }) {
      (bytes: RawSpan) throws(MemDumpError) in
      do throws(Errno) { try Syscall.write(bytes, to: file) } catch { throw MemDumpError(.file(path, .write, error)) }
    }
    return try copy(to: writer) { $0.byteCount }
  }

  /// Writes a file and its manifest; they get their names only when `endLook` has given the proof that they are good.
  func write<Proof>(
    to path: FilePath, replacing: Bool, endLook: () throws(MemDumpError) -> Proof,
    manifest: (Result, Proof) -> Manifest
  ) throws(MemDumpError) -> (Result, Proof) {
    // What would fit if all of it were there need not be counted.
    let fits = OutputFile.hasRoom(for: layout.byteCount, at: path)
    var dump = try OutputFile(path, replacing: replacing, needed: fits ? 0 : room())
    try dump.setByteCount(layout.byteCount)
    let writer = SparseFileWriter(dump.file, path: path)
    var result = try copy(to: writer) { _ in writer.byteCount }
    let proof = try endLook()
    var sidecar = try OutputFile(Manifest.path(of: path), replacing: replacing, needed: 0)
    let text = manifest(result, proof).text
    try unsafe sidecar.write(text.span.bytes, at: 0)
    if replacing {
      try dump.prepare()
      try sidecar.prepare()
      // Whoever ends us between these leaves a dump without a manifest, and never with that of another.
      let former = try FormerFile(Manifest.path(of: path))
      do throws(MemDumpError) { try dump.commit() } catch {
        former?.restore()
        throw error
      }
      try sidecar.commit()
      result.leftover = former?.takeAway()
      return (result, proof)
    }
    try sidecar.commit()
    do throws(MemDumpError) { try dump.commit() } catch {
      Syscall.unlink(Manifest.path(of: path))
      throw error
    }
    return (result, proof)
  }

  private func copy(
    to writer: any BlockTaker, written: (DumpCopy.Result) -> UInt64
  ) throws(MemDumpError) -> Result {
    let running = digest.map { RunningDigest($0.init()) }
    var takers = [writer]
    if let running {
      takers.append(try SequentialWriter(isStopped: { [control] in control.isStopped }) { running.update($0) })
    }
    let started = Syscall.wallNanoseconds
    let copied = try DumpCopy(layout, of: source, control: control).run(takers)
    return Result(
      copied: copied, writtenByteCount: written(copied), digest: running.map { hexadecimal($0.finish()) },
      instants: started...max(started, Syscall.wallNanoseconds))
  }

  /// The most bytes that there will be to write.
  private func room() throws(MemDumpError) -> UInt64 {
    var regions = source.regions
    if let target, regions.contains(where: { $0.usage == nil }) { regions = try target.regions(usage: true) }
    var room = UInt64(layout.header.count)
    for range in contents {
      var index = regions.firstIndex(endingAfter: range.lowerBound)
      while index < regions.count, regions[index].range.lowerBound < range.upperBound {
        let length = regions[index].range.clamped(to: range).byteCount
        let present = regions[index].isPrivateAnonymous ? regions[index].usage.map { $0.resident + $0.swap } : nil
        room += min(length, present ?? length)
        index += 1
      }
    }
    return room
  }
}

/// A digest that the thread of a taker adds to.
private final class RunningDigest: Sendable {
  private let digest: Mutex<any FileDigest>

  init(_ digest: any FileDigest) { self.digest = Mutex(digest) }

  func update(_ bytes: RawSpan) { digest.withLock { $0.update(bytes) } }

  func finish() -> [UInt8] { digest.withLock { $0.finalize() } }
}
