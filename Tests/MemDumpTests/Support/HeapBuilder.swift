@testable import MemDump

/// Makes heaps of glibc's malloc byte by byte: a stretch of chunks, and the data of a C library with the main arena in it.
struct HeapBuilder {
  static let start: UInt64 = 0x5555_0000_0000
  static let arena: UInt64 = 0x7f00_0001_0c60
  private static let data: UInt64 = 0x7f00_0001_0000

  /// The chunks, from the start of the heap on.
  private(set) var bytes: [UInt8] = []
  private var previousSize: UInt64 = 0
  private var isPreviousInUse = true
  /// Where the heads of lists of fast chunks lead, by their place.
  var fastbins: [Int: UInt64] = [:]
  /// Words that are written over the links of free chunks, by their addresses.
  var damage: [UInt64: UInt64] = [:]
  /// Whether malloc's own word tells where its memory starts (mp_): beside it stands the limit of mapped chunks.
  var tellsStart = false
  /// How the main arena is laid out, which begins later where it has no fastbins: the bins are where they are.
  var layout = Arena.Layout.withFastbins
  /// Memory with a mapping of its own.
  var mapped: [UInt64: [UInt8]] = [:]
  /// The address of the main arena.
  var mainArena: UInt64 { Self.arena + 96 - layout.topOffset }
  /// The bin of unsorted chunks, in order.
  private var unsorted: [UInt64] = []
  private(set) var top: UInt64 = 0

  /// Adds a chunk and returns its address.
  @discardableResult
  mutating func add(_ size: UInt64, isInUse: Bool = true, content: [UInt8] = []) -> UInt64 {
    let address = Self.start + UInt64(bytes.count)
    bytes += CoreBuilder.bytes(isPreviousInUse ? 0 : previousSize)
    bytes += CoreBuilder.bytes(size | (isPreviousInUse ? 1 : 0))
    bytes += content + [UInt8](repeating: 0, count: Int(size) - 16 - content.count)
    if !isInUse { unsorted.append(address) }
    (previousSize, isPreviousInUse) = (size, isInUse)
    return address
  }

  /// Adds a row of chunks.
  mutating func add(_ size: UInt64, count: Int) { for _ in 0..<count { add(size) } }

  /// Ends the heap with its top, at a border of pages.
  mutating func close() {
    let rest = 4096 - UInt64(bytes.count) % 4096 + 4096
    top = add(rest)
  }

  /// Ends the heap with a chunk that was added last as its top.
  mutating func close(with top: UInt64) { self.top = top }

  /// Writes a word into what is there.
  mutating func put(_ word: UInt64, at address: UInt64) {
    let offset = Int(address - Self.start)
    bytes.replaceSubrange(offset..<offset + 8, with: CoreBuilder.bytes(word))
  }

  /// The heap and the data of the library, as maps and bytes.
  ///
  /// - Parameter byteCount: the part of the heap that the map has; nil for all.
  func memory(first byteCount: Int? = nil) throws -> NamedMemory {
    var heap = self
    for (index, chunk) in unsorted.enumerated() {
      heap.put(index + 1 < unsorted.count ? unsorted[index + 1] : Self.arena + 96, at: chunk + 16)
      heap.put(index > 0 ? unsorted[index - 1] : Self.arena + 96, at: chunk + 24)
    }
    for (address, word) in damage { heap.put(word, at: address) }
    return try NamedMemory(
      [
        (Self.start, Array(heap.bytes.prefix(byteCount ?? .max)), "[heap]", 0),
        (Self.data, library, "/lib/libc.so.6", 7),
      ] + mapped.map { ($0, $1, "", 0) })
  }

  private var library: [UInt8] {
    var library = [UInt8](repeating: 0, count: 8192)
    func put(_ word: UInt64, _ address: UInt64) {
      let offset = Int(address - Self.data)
      library.replaceSubrange(offset..<offset + 8, with: CoreBuilder.bytes(word))
    }
    for (index, chunk) in fastbins { put(chunk, Self.arena + 16 + 8 * UInt64(index)) }
    put(top, Self.arena + 96)
    for index in 0..<127 as Range<UInt64> {
      let bin = Self.arena + 96 + 16 * index
      put(index == 0 ? unsorted.first ?? bin : bin, bin + 16)
      put(index == 0 ? unsorted.last ?? bin : bin, bin + 24)
    }
    put(mainArena, Self.arena + 2160)
    put(UInt64(bytes.count), Self.arena + 2184)
    put(UInt64(bytes.count), Self.arena + 2192)
    // mp_.sbrk_base, behind counts of mapped chunks.
    put(Self.start, Self.arena - 64)
    if tellsStart { put(1 << 16, Self.arena - 96) }
    return library
  }
}

/// Memory with the names that a map gives.
final class NamedMemory: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  let contents: [(start: UInt64, bytes: [UInt8])]

  /// - Parameter code: the name of pieces that hold code; all others can be written.
  init(_ pieces: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)], code: String? = nil) throws {
    let pieces = pieces.sorted { $0.start < $1.start }
    contents = pieces.map { ($0.start, $0.bytes) }
    let lines = pieces.map { piece in
      "\(String(piece.start, radix: 16))-\(String(piece.start + UInt64(piece.bytes.count), radix: 16)) \(piece.name == code ? "r-xp" : "rw-p") 0 08:01 "
        + "\(piece.inode) \(piece.name)\n"
    }
    regions = try MapsParser.parse(Array(lines.joined().utf8))
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = regions.firstIndex(where: { $0.range.contains(address) }) else { return [] }
    let offset = Int(address.rawValue - contents[index].start)
    let count = min(contents[index].bytes.count - offset, buffer.byteCount)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: contents[index].bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}
