public import SystemPackage

/// A raw dump in a file: with its manifest it has the addresses of the process, without one only offsets.
public final class RawDump: FileSource {
  /// The regions of the manifest, or one that spans the file.
  public let regions: [MemoryRegion]
  /// Whether a manifest or a given base tells the addresses.
  public let hasAddresses: Bool
  /// A dump holds what was chosen for it.
  public var isExcerpt: Bool { true }
  /// The manifest; nil where there is none.
  public let manifest: Manifest?

  let path: FilePath
  private let file: Descriptor
  private let base: Address
  private let range: Range<Address>

  /// Opens a dump.
  ///
  /// - Parameters:
  ///   - path: its file.
  ///   - base: the address of the first byte; nil to take it from the manifest, `FILE.json`, where there is one.
  /// - Throws: ``MemDumpError/Code/file``, or ``MemDumpError/Code/malformed`` for a manifest that does not fit the file.
  public init(_ path: FilePath, base: Address? = nil) throws(MemDumpError) {
    let attributes: Syscall.Attributes
    do throws(Errno) { attributes = try Syscall.attributes(path) } catch {
      throw MemDumpError(.file(path, .open, error))
    }
    // Before it is opened: to open a pipe would wait for its writer.
    guard attributes.isRegular else { throw MemDumpError(.notARegularFile(path)) }
    do throws(Errno) { file = try Descriptor(opening: path) } catch { throw MemDumpError(.file(path, .open, error)) }
    let manifest = base == nil ? try Self.manifest(of: path, byteCount: attributes.byteCount) : nil
    self.manifest = manifest
    self.path = path
    self.base = base ?? manifest?.base ?? Address(0)
    hasAddresses = base != nil || manifest != nil
    range = Range(start: self.base, byteCount: attributes.byteCount)
    if let manifest, !manifest.regions.isEmpty {
      regions = manifest.regions
    } else {
      regions = range.isEmpty ? [] : [.whole(range)]
    }
  }

  /// The offset of a byte in the file.
  public func fileOffset(of address: Address) -> UInt64? { address - base }

  /// See ``MemorySource/read(at:into:)``. A hole of the manifest is absent or unread, as it says; a hole of the file itself
  /// is zeros.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    try readStretch(at: address, into: &buffer)
  }

  func stretch(at address: Address) -> FileStretch? {
    guard range.contains(address) else { return nil }
    var end = range.upperBound
    let holes = manifest?.holes ?? []
    let next = holes.partitionIndex { $0.range.upperBound > address }
    if next < holes.endIndex {
      let hole = holes[next]
      if hole.range.contains(address) { return .gap(MemoryRun(.init(hole), hole.range.upperBound - address)) }
      end = min(end, hole.range.lowerBound)
    }
    return .bytes(file.file, offset: address - base, byteCount: end - address)
  }

  private static func manifest(of path: FilePath, byteCount: UInt64) throws(MemDumpError) -> Manifest? {
    let sidecar = Manifest.path(of: path)
    let bytes: [UInt8]
    do throws(Errno) { bytes = try ProcFS.read(sidecar) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw MemDumpError(.file(sidecar, .read, error))
    }
    guard let manifest = Manifest(parsing: bytes) else {
      throw MemDumpError(.manifest(sidecar, "it is not a manifest of this version of memdump"))
    }
    guard manifest.byteCount == byteCount else {
      throw MemDumpError(
        .manifest(sidecar, "it is of a dump of \(manifest.byteCount) bytes, and the file has \(byteCount)"))
    }
    return manifest
  }
}

extension MemoryRun.Content {
  /// What a hole of a manifest stands for.
  init(_ hole: Manifest.Hole) {
    switch hole.reason {
    case "untouched": self = .absent
    case "unreadable": self = .unread(.failed(Errno(rawValue: CInt(clamping: hole.errno ?? 14))))
    case "swapped": self = .unread(.swapped)
    case "not-resident": self = .unread(.notResident)
    case "device": self = .unread(.device)
    case "behind-end-of-file": self = .unread(.behindEndOfFile)
    default: self = .unread(.notInFile)
    }
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
