import SystemPackage

/// Goes through the checks of a ``Verification``.
struct Verifier: ~Copyable {
  private static let bufferByteCount = 1 << 20

  let manifest: Manifest
  private(set) var checks: [Verification.Check] = []
  private let path: FilePath
  private let file: Descriptor
  private let byteCount: UInt64
  private let control: ScanControl

  /// Opens a dump and reads its manifest.
  init(_ path: FilePath, control: ScanControl) throws(MemDumpError) {
    let sidecar = Manifest.path(of: path)
    let attributes: Syscall.Attributes
    do throws(Errno) { attributes = try Syscall.attributes(path) } catch {
      throw MemDumpError(.file(path, .open, error))
    }
    guard attributes.isRegular else { throw MemDumpError(.notARegularFile(path)) }
    let bytes: [UInt8]
    do throws(Errno) { bytes = try ProcFS.read(sidecar) } catch { throw MemDumpError(.file(sidecar, .read, error)) }
    guard let manifest = Manifest(parsing: bytes) else {
      throw MemDumpError(.manifest(sidecar, "it is not a manifest of this version of memdump"))
    }
    do throws(Errno) { file = try Descriptor(opening: path) } catch { throw MemDumpError(.file(path, .open, error)) }
    (self.path, self.manifest, self.control, byteCount) = (path, manifest, control, attributes.byteCount)
  }

  mutating func run(_ digest: any FileDigest.Type) throws(MemDumpError) {
    guard byteCount == manifest.byteCount else {
      add("length", .fails("the file has \(byteCount) bytes, and the manifest says \(manifest.byteCount)"))
      return
    }
    add("length", .holds("\(ByteSize(byteCount))"))
    control.expect(byteCount)
    guard let pieces = try checkRegions() else { return }
    try checkHoles(pieces)
    try checkDigest(digest)
  }

  private mutating func add(_ name: String, _ outcome: Verification.Outcome) {
    checks.append(.init(name: name, outcome: outcome))
  }

  private static func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)" + (number == 1 ? "" : "s")
  }

  /// Where in the file the memory is; nil where the file is not what the manifest says.
  private mutating func checkRegions() throws(MemDumpError) -> [FileLayout.Piece]? {
    let count = "\(Self.counted(manifest.regions.count, "region")), in order"
    guard manifest.format == .core else {
      // That they are in order and inside of the dump is what makes a text a manifest.
      add("regions", .holds(count))
      return [.init(range: Range(start: manifest.base, byteCount: manifest.byteCount), offset: 0)]
    }
    let core: CoreFile
    do throws(MemDumpError) { core = try CoreFile(path) } catch {
      guard error.code == .malformed else { throw error }
      add("regions", .fails("the file is not a readable ELF core"))
      return nil
    }
    if let region = Self.difference(manifest.regions, core.segments) {
      add("regions", .fails("the core has no segments for \(region.range.lowerBound)-\(region.range.upperBound)"))
      return nil
    }
    if core.isTruncated {
      add("regions", .fails("segments of the core lie behind the end of the file"))
      return nil
    }
    add("regions", .holds(count + ", each in the core"))
    return core.segments.filter { $0.fileByteCount > 0 }.map { segment in
      FileLayout.Piece(
        range: Range(start: segment.range.lowerBound, byteCount: segment.fileByteCount), offset: segment.fileOffset)
    }
  }

  /// The first region that the segments do not cover from end to end, or with other permissions.
  static func difference(_ regions: [MemoryRegion], _ segments: [CoreParser.Segment]) -> MemoryRegion? {
    var rest = segments[...]
    for region in regions {
      var reached = region.range.lowerBound
      while reached < region.range.upperBound {
        guard let segment = rest.popFirst(), segment.range.lowerBound == reached,
          segment.range.upperBound <= region.range.upperBound,
          segment.permissions == region.permissions.subtracting(.shared)
        else { return region }
        reached = segment.range.upperBound
      }
    }
    return nil
  }

  /// What the manifest says is not there must read as zeros, or not be in the file at all.
  private mutating func checkHoles(_ pieces: [FileLayout.Piece]) throws(MemDumpError) {
    var byteCount: UInt64 = 0
    var next = pieces[...]
    for hole in manifest.holes {
      byteCount += hole.range.byteCount
      while let piece = next.first, piece.range.upperBound <= hole.range.lowerBound { next.removeFirst() }
      for piece in next {
        let part = piece.range.clamped(to: hole.range)
        if part.isEmpty { break }
        if hole.reason == "not-selected" {
          return add(
            "holes", .fails("the core has bytes at \(part.lowerBound), where the manifest says that none were taken"))
        }
        let start = piece.offset + (part.lowerBound - piece.range.lowerBound)
        if let place = try firstByte(in: start..<start + part.byteCount) {
          let address = part.lowerBound + (place - start)
          return add("holes", .fails("there are bytes at \(address), where the manifest has a hole: \(hole.reason)"))
        }
      }
    }
    add("holes", .holds("\(Self.counted(manifest.holes.count, "hole")), \(ByteSize(byteCount)), all empty"))
  }

  /// The first byte that is not zero.
  private func firstByte(in range: Range<UInt64>) throws(MemDumpError) -> UInt64? {
    var found: UInt64?
    try read(range, skippingHoles: true) { bytes, offset in
      guard !bytes.isZero(0..<bytes.byteCount) else { return true }
      let place = unsafe bytes.withUnsafeBytes { unsafe $0.firstIndex { $0 != 0 } }
      found = offset + UInt64(place ?? 0)
      return false
    }
    return found
  }

  private mutating func checkDigest(_ type: any FileDigest.Type) throws(MemDumpError) {
    guard let expected = manifest.digest else {
      return add("sha256", .skipped("the manifest has none; dump with --sha256 to have one"))
    }
    var digest = type.init()
    try read(0..<manifest.byteCount, skippingHoles: false) { bytes, _ in
      digest.update(bytes)
      control.add(UInt64(bytes.byteCount))
      return true
    }
    let found = hexadecimal(digest.finalize())
    add(
      "sha256",
      found == expected ? .holds(found) : .fails("it is \(found), and the manifest says \(EscapedText(expected.utf8))"))
  }

  /// Reads a stretch of the file until `body` says false.
  private func read(
    _ range: Range<UInt64>, skippingHoles: Bool, _ body: (RawSpan, UInt64) -> Bool
  ) throws(MemDumpError) {
    let buffer: PageBuffer
    do throws(Errno) { buffer = try PageBuffer(byteCount: Self.bufferByteCount) } catch {
      throw MemDumpError(.memory(needed: UInt64(Self.bufferByteCount)))
    }
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard !control.isStopped else { throw MemDumpError(.interrupted) }
      if skippingHoles { offset += min(Syscall.holeByteCount(file.file, at: offset), range.upperBound - offset) }
      let wanted = Int(min(UInt64(buffer.byteCount), range.upperBound - offset))
      guard wanted > 0 else { return }
      let count: Int
      do throws(Errno) {
        count = try buffer.withMutableBytes(0..<wanted) { (span: inout MutableRawSpan) throws(Errno) in
          try Syscall.read(file.file, at: offset, into: &span)
        }
      } catch { throw MemDumpError(.file(path, .read, error)) }
      // Somebody has made it shorter since.
      guard count > 0 else { throw MemDumpError(.file(path, .read, .ioError)) }
      guard buffer.withBytes(0..<count, { body($0, offset) }) else { return }
      offset += UInt64(count)
    }
  }
}
