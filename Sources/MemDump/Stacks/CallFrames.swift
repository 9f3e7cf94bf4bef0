/// The call frame information of a module: .eh_frame, and the table in .eh_frame_hdr that finds the entry of an address
/// (Linux Standard Base, 10.6). Pure: it asks for bytes by their address from the load bias on, and never traps.
struct CallFrames {
  /// A reader of the bytes at an address, from the load bias on, as many as there are.
  typealias Reader = (_ address: UInt64, _ count: Int) -> [UInt8]

  /// The entry of a function (FDE).
  private struct Entry {
    var common: CommonFrame
    var start: UInt64
    var instructions: NumberReader
  }

  /// A table of where functions begin and where their entries are.
  private enum Table {
    /// The one that the linker made: pairs of numbers of 4 bytes, relative to an address, in order.
    case linked(first: UInt64, count: UInt64, base: UInt64)
    /// One that was made here.
    case made([(start: UInt64, entry: UInt64)])
  }

  private var table: Table
  private var commons: [UInt64: CommonFrame] = [:]

  /// The most bytes of an entry, the most entries that are gone over to make a table, and the most common entries kept.
  private static let (longestEntry, mostEntries, mostCommons): (UInt64, Int, Int) = (1 << 16, 1 << 22, 1 << 10)

  /// Finds the table of a module.
  ///
  /// - Parameters:
  ///   - header: the address of .eh_frame_hdr; nil for none.
  ///   - section: where .eh_frame is; nil where that is not known. It is gone over only without a header that can be used.
  init?(header: UInt64?, section: Range<UInt64>?, _ read: Reader) {
    if let header, let table = Self.linkedTable(at: header, read) {
      self.table = table
    } else if let section {
      table = .made([])
      let entries = made(of: section, read)
      guard !entries.isEmpty else { return nil }
      table = .made(entries)
    } else {
      return nil
    }
  }

  /// How to find the caller from an address in the code, from the load bias on; nil where no function is known there.
  mutating func row(at address: UInt64, _ read: Reader) -> (row: FrameRow, common: CommonFrame)? {
    guard let place = entryAddress(of: address, read), let (entry, end) = entry(at: place, read),
      address >= entry.start, address < end
    else { return nil }
    var program = FrameProgram(entry.common)
    guard program.begin(), program.run(entry.instructions, from: entry.start, to: address) else { return nil }
    return (program.row, entry.common)
  }

  private static func linkedTable(at header: UInt64, _ read: Reader) -> Table? {
    var reader = NumberReader(read(header, 32), at: header)
    guard reader.byte() == 1, let frames = reader.byte(), let counts = reader.byte(), reader.byte() == 0x3b,
      reader.pointer(frames, base: header) != nil, let count = reader.pointer(counts, base: header), count > 0,
      count <= UInt64(mostEntries)
    else { return nil }
    return .linked(first: reader.address, count: count, base: header)
  }

  private func entryAddress(of address: UInt64, _ read: Reader) -> UInt64? {
    switch table {
    case .made(let entries):
      let index = entries.partitionIndex { $0.start > address }
      return index > 0 ? entries[index - 1].entry : nil
    case .linked(let first, let count, let base):
      // The last one that does not begin behind the address.
      var (low, high) = (UInt64(0), count)
      while low < high {
        let middle = (low + high) / 2
        guard let start = read(first &+ middle &* 8, 4).load(Int32.self, at: 0) else { return nil }
        if base &+ UInt64(bitPattern: Int64(start)) > address { high = middle } else { low = middle + 1 }
      }
      guard low > 0, let entry = read(first &+ (low - 1) &* 8 &+ 4, 4).load(Int32.self, at: 0) else { return nil }
      return base &+ UInt64(bitPattern: Int64(entry))
    }
  }

  /// The length of what follows the length at an address, and where that begins; nil at the end of a section.
  private static func length(at address: UInt64, _ read: Reader) -> (content: UInt64, byteCount: UInt64)? {
    var reader = NumberReader(read(address, 12), at: address)
    guard let short = reader.number(UInt32.self), short != 0 else { return nil }
    if short < .max { return (reader.address, UInt64(short)) }
    return reader.number(UInt64.self).map { (reader.address, $0) }
  }

  /// The entry of a function at an address, and where the function ends; nil where there is none.
  private mutating func entry(at address: UInt64, _ read: Reader) -> (Entry, end: UInt64)? {
    guard let (content, byteCount) = Self.length(at: address, read), (4...Self.longestEntry).contains(byteCount) else {
      return nil
    }
    let bytes = read(content, Int(byteCount))
    var reader = NumberReader(bytes, at: content)
    guard bytes.count == Int(byteCount), let distance = reader.number(UInt32.self), distance != 0,
      let common = common(at: content &- UInt64(distance), read), let start = reader.pointer(common.pointerEncoding),
      let length = reader.pointer(common.pointerEncoding & 0x0f)
    else { return nil }
    if common.hasAugmentation {
      guard let more = reader.unsigned(), reader.skip(more) else { return nil }
    }
    return (Entry(common: common, start: start, instructions: reader), start &+ length)
  }

  private mutating func common(at address: UInt64, _ read: Reader) -> CommonFrame? {
    if let known = commons[address] { return known }
    guard let (content, byteCount) = Self.length(at: address, read), (4...Self.longestEntry).contains(byteCount),
      let found = CommonFrame(read(content, Int(byteCount)), at: content)
    else { return nil }
    if commons.count < Self.mostCommons { commons[address] = found }
    return found
  }

  /// Goes over a section, entry by entry.
  private mutating func made(of section: Range<UInt64>, _ read: Reader) -> [(start: UInt64, entry: UInt64)] {
    var entries: [(start: UInt64, entry: UInt64)] = []
    var address = section.lowerBound
    while section.contains(address), entries.count < Self.mostEntries,
      let (content, byteCount) = Self.length(at: address, read),
      byteCount <= section.upperBound - min(content, section.upperBound)
    {
      if let (entry, _) = entry(at: address, read) { entries.append((entry.start, address)) }
      address = content &+ byteCount
    }
    return entries.sorted { ($0.start, $0.entry) < ($1.start, $1.entry) }
  }
}
