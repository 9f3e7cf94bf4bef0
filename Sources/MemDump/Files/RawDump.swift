public import SystemPackage

/// A raw dump in a file: with a manifest the dump has the addresses of the process, without one only offsets.
public final class RawDump: FileSource {
  /// The regions of the manifest, or one that spans the file.
  public let regions: [MemoryRegion]
  /// Whether a manifest or a given base tells the addresses.
  public let hasAddresses: Bool
  /// True: a dump holds what was chosen for it.
  public var isExcerpt: Bool { true }
  /// The manifest; nil where there is none.
  public let manifest: Manifest?

  var path: FilePath { dump.path }
  private let dump: DumpFile
  private let data = DataExtent()
  private let base: Address
  private let range: Range<Address>

  /// Opens a dump.
  ///
  /// - Parameters:
  ///   - path: the path of the dump.
  ///   - base: the address of the first byte; nil to take it from the manifest, `FILE.json`, where there is one.
  /// - Throws: ``MemDumpError/Code/file``, or ``MemDumpError/Code/malformed`` for a manifest that does not fit the
  ///   file: of another length, or with a hole where the file has bytes; and for a base that leaves no room for the bytes.
  public convenience init(_ path: FilePath, base: Address? = nil) throws(MemDumpError) {
    try self.init(try DumpFile(path), base: base)
  }

  /// Takes an open file.
  init(_ dump: consuming DumpFile, base: Address?) throws(MemDumpError) {
    let manifest = base == nil ? try Self.manifest(of: dump) : nil
    if let base, base.rawValue.addingReportingOverflow(dump.byteCount).overflow {
      throw MemDumpError(.baseTooHigh(dump.path, byteCount: dump.byteCount))
    }
    self.manifest = manifest
    self.base = base ?? manifest?.base ?? Address(0)
    hasAddresses = base != nil || manifest != nil
    range = Range(start: self.base, byteCount: dump.byteCount)
    if let manifest, !manifest.regions.isEmpty {
      regions = manifest.regions
    } else {
      regions = range.isEmpty ? [] : [.whole(range)]
    }
    self.dump = dump
  }

  /// The file offset of the byte at an address.
  public func fileOffset(of address: Address) -> UInt64? { address - base }

  /// See ``MemorySource/read(at:into:)``. A hole of the manifest is absent or unread, as the manifest says, and a hole of
  /// the file itself is zeros; without a manifest it is absent.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    try readStretch(at: address, into: &buffer)
  }

  func stretch(at address: Address) -> Stretch<FileContent>? {
    guard range.contains(address) else { return nil }
    var end = range.upperBound
    if let gap = manifest?.holes.gap(from: address) {
      if gap.range.contains(address) { return Stretch(range: gap.range, content: .gap(gap.content)) }
      end = min(end, gap.range.lowerBound)
    }
    // A manifest tells each hole, and what is one of the file besides is a page of zeros that the process has.
    guard manifest == nil else {
      return Stretch(range: address..<end, content: .bytes(dump.file, offset: address - base))
    }
    return stretch(address..<end, in: dump.file, at: address - base, data)
  }

  private static func manifest(of dump: borrowing DumpFile) throws(MemDumpError) -> Manifest? {
    guard let manifest = try dump.manifest() else { return nil }
    guard manifest.byteCount == dump.byteCount else {
      throw MemDumpError(.manifest(dump, manifest.byteCount))
    }
    try dump.checkHoles(
      manifest.holes.lazy.map { hole in
        let start = hole.range.lowerBound - manifest.base
        return (start..<start + hole.range.byteCount, hole.reason)
      })
    return manifest
  }
}

extension MemoryRegion {
  /// A region that stands for a whole file.
  static func whole(_ range: Range<Address>) -> MemoryRegion {
    MemoryRegion(
      number: 1, range: range, permissions: .read, fileOffset: 0, inode: 0, name: [], kind: .file, usage: nil,
      deviceNumber: 0)
  }
}
