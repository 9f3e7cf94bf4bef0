/// A program header of an ELF file: a part that is mapped to run, that is memory of a core, or that describes the file.
public struct ELFSegment: Hashable, Sendable {
  /// The kind of a segment (p_type).
  public struct Kind: RawRepresentable, Hashable, Sendable {
    /// The number of the kind.
    public let rawValue: UInt32
    /// Makes a kind from its number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Memory (PT_LOAD).
    public static let memory = Kind(rawValue: 1)
    /// The table that finds call frame information (PT_GNU_EH_FRAME).
    public static let callFrameTable = Kind(rawValue: 0x6474_e550)
    /// A row of notes (PT_NOTE).
    public static let notes = Kind(rawValue: 4)
  }

  /// The length of a program header, in bytes.
  public static let byteCount = 56

  /// The kind of the segment (p_type).
  public var kind: Kind
  /// The permissions of the segment's memory (p_flags).
  public var permissions: MemoryRegion.Permissions
  /// The file offset of the segment (p_offset).
  public var offset: UInt64
  /// The address of the segment (p_vaddr); in a program or library, from the load bias on.
  public var address: UInt64
  /// The length of the segment in the file, in bytes (p_filesz).
  public var fileByteCount: UInt64
  /// The length of the segment in memory, in bytes (p_memsz).
  public var memoryByteCount: UInt64
  /// The alignment of the segment, in bytes (p_align).
  public var alignment: UInt64
}

extension ELFSegment {
  /// Reads a program header; nil where the header does not lie in the bytes as a whole.
  init?(_ bytes: [UInt8], at start: Int) {
    guard let kind = bytes.load(UInt32.self, at: start), let flags = bytes.load(UInt32.self, at: start + 4),
      let offset = bytes.load(UInt64.self, at: start + 8), let address = bytes.load(UInt64.self, at: start + 16),
      let fileByteCount = bytes.load(UInt64.self, at: start + 32),
      let memoryByteCount = bytes.load(UInt64.self, at: start + 40),
      let alignment = bytes.load(UInt64.self, at: start + 48)
    else { return nil }
    self.init(
      kind: Kind(rawValue: kind), permissions: Self.permissions(flags), offset: offset, address: address,
      fileByteCount: fileByteCount, memoryByteCount: memoryByteCount, alignment: alignment)
  }

  /// Reads a row of program headers, as many as are whole.
  static func all(in bytes: [UInt8]) -> [ELFSegment] {
    stride(from: 0, to: bytes.count, by: byteCount).compactMap { ELFSegment(bytes, at: $0) }
  }

  /// Appends the program header as it stands in the file, without a physical address.
  func write(to bytes: inout [UInt8]) {
    for number in [kind.rawValue, flags] { bytes.append(number: number) }
    for number in [offset, address, 0, fileByteCount, memoryByteCount, alignment] { bytes.append(number: number) }
  }

  /// PF_R, PF_W and PF_X.
  private static let (read, write, execute): (UInt32, UInt32, UInt32) = (4, 2, 1)

  private var flags: UInt32 {
    (permissions.contains(.read) ? Self.read : 0) | (permissions.contains(.write) ? Self.write : 0)
      | (permissions.contains(.execute) ? Self.execute : 0)
  }

  private static func permissions(_ flags: UInt32) -> MemoryRegion.Permissions {
    var permissions: MemoryRegion.Permissions = []
    if flags & read != 0 { permissions.insert(.read) }
    if flags & write != 0 { permissions.insert(.write) }
    if flags & execute != 0 { permissions.insert(.execute) }
    return permissions
  }
}
