import SystemPackage

/// A run through the checks of a ``Verification``.
struct Verifier: ~Copyable {
  let manifest: Manifest
  private(set) var checks: [Verification.Check] = []
  private let dump: DumpFile
  private let control: WorkControl

  /// Opens a dump and reads its manifest.
  init(_ path: FilePath, control: WorkControl) throws(MemDumpError) {
    let dump: DumpFile
    do throws(MemDumpError) { dump = try DumpFile(path) } catch {
      throw error.cause == .noSuchFileOrDirectory ? MemDumpError(.noDump(path)) : error
    }
    guard let manifest = try dump.manifest() else {
      throw MemDumpError(.file(Manifest.path(of: path), .read, .noSuchFileOrDirectory))
    }
    (self.manifest, self.control) = (manifest, control)
    self.dump = dump
  }

  mutating func run(_ digest: any FileDigest.Type) throws(MemDumpError) {
    let byteCount = dump.byteCount
    guard byteCount == manifest.byteCount else {
      add("length", .fails("the file has \(byteCount) bytes, and the manifest says \(manifest.byteCount)"))
      return
    }
    add("length", .holds("\(ByteSize(byteCount))"))
    control.expect(byteCount)
    guard let memory = try checkRegions() else { return }
    try checkHoles(memory)
    try checkDigest(digest)
  }

  private mutating func add(_ name: String, _ outcome: Verification.Outcome) {
    checks.append(.init(name: name, outcome: outcome))
  }

  private static func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)" + (number == 1 ? "" : "s")
  }

  /// Checks the regions. Returns the file offsets of the memory; nil where the file is not what the manifest says.
  private mutating func checkRegions() throws(MemDumpError) -> [Stretch<FileOffset>]? {
    let count = "\(Self.counted(manifest.regions.count, "region")), in order"
    guard manifest.format == .core else {
      // That they are in order and inside of the dump is what makes a text a manifest.
      add("regions", .holds(count))
      let range = Range(start: manifest.base, byteCount: manifest.byteCount)
      return [Stretch(range: range, content: FileOffset(0))]
    }
    let core: CoreFile
    do throws(MemDumpError) { core = try CoreFile(dump.path) } catch {
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
    return core.segments.filter { $0.fileByteCount > 0 }.map(\.held)
  }

  /// The first region that the segments do not cover from end to end, or cover with other permissions.
  static func difference(_ regions: [MemoryRegion], _ segments: [CoreSegment]) -> MemoryRegion? {
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

  /// Checks that holes of the manifest read as zeros, or are not in the file at all.
  private mutating func checkHoles(_ memory: [Stretch<FileOffset>]) throws(MemDumpError) {
    var byteCount: UInt64 = 0
    var next = memory[...]
    for hole in manifest.holes {
      byteCount += hole.range.byteCount
      while let stretch = next.first, stretch.range.upperBound <= hole.range.lowerBound { next.removeFirst() }
      for stretch in next {
        let part = stretch.clamped(to: hole.range)
        if part.range.isEmpty { break }
        if hole.reason == Manifest.Hole.notSelected {
          return add(
            "holes",
            .fails("the core has bytes at \(part.range.lowerBound), where the manifest says that none were taken"))
        }
        let start = part.content.rawValue
        if let place = try dump.firstByte(in: start..<start + part.range.byteCount, control: control) {
          let address = part.range.lowerBound + (place - start)
          return add("holes", .fails("there are bytes at \(address), where the manifest has a hole: \(hole.reason)"))
        }
      }
    }
    add("holes", .holds("\(Self.counted(manifest.holes.count, "hole")), \(ByteSize(byteCount)), all empty"))
  }

  private mutating func checkDigest(_ type: any FileDigest.Type) throws(MemDumpError) {
    guard let expected = manifest.digest else {
      return add("sha256", .skipped("the manifest has none; dump with --sha256 to have one"))
    }
    var digest = type.init()
    try dump.read(0..<manifest.byteCount, skippingHoles: false, control: control) { bytes, _ in
      digest.update(bytes)
      control.add(UInt64(bytes.byteCount))
      return true
    }
    let found = hexadecimal(digest.finalize())
    add(
      "sha256",
      found == expected ? .holds(found) : .fails("it is \(found), and the manifest says \(EscapedText(expected.utf8))"))
  }
}
