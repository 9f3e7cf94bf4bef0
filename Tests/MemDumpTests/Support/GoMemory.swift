import MemDump
import ScanReferences

/// The memory of a Go program, made by hand: the tables of functions, goroutines with stacks, spans and a heap profile, in the forms of
/// Go 1.22 to 1.25.
struct GoBuilder {
  /// The functions, by their numbers: entries stand 0x100 bytes apart.
  static let names = [
    "runtime.goexit", "main.main", "main.wait", "runtime.gopark", "runtime.bgsweep", "main.(*T).call-fm", "main.inner",
  ]
  /// The depth of the stack in each of them, in bytes.
  static let depths: [UInt64] = [0, 24, 16, 8, 40, 8, 8]
  static let code = GoInput.code.lowerBound + 0x100
  static func entry(_ function: Int) -> UInt64 { code + 0x100 * UInt64(function) }

  static let reasons = ["", "GC assist marking", "IO wait", "chan receive", "GC sweep wait"]
  private static let (list, spanList, spans, bits, goroutines, stacks, buckets):
    (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (
      0, 0x200, 0x400, 0xe00, 0x1000, 0x5000, 0x9000
    )
  static let goroutineByteCount: UInt64 = 0x200
  static let spanByteCount: UInt64 = 8192

  private(set) var tables = [UInt8](repeating: 0, count: GoInput.tablesByteCount)
  private(set) var variables = [UInt8](repeating: 0, count: GoInput.variablesByteCount)
  private(set) var heap = [UInt8](repeating: 0, count: 0xa000)
  private var goroutineCount: UInt64 = 0
  private var spanCount: UInt64 = 0
  private var bucketCount: UInt64 = 0

  init() {
    makeTables()
    makeReasons()
  }

  /// All bytes, as ``GoInput`` takes them apart.
  var bytes: [UInt8] { tables + variables + heap }

  func memory() throws -> GoMemory { try GoMemory(GoInput(bytes)) }

  // What the runtime would write.

  static func address(ofGoroutine number: UInt64) -> UInt64 {
    GoInput.heapStart + goroutines + (number - 1) * goroutineByteCount
  }

  /// Adds a goroutine that waits in `main.wait`, called by what it began with.
  mutating func addGoroutine(
    start: Int = 1, state: UInt64 = 4, reason: UInt64 = 3, since: UInt64 = 0, isBroken: Bool = false
  ) {
    goroutineCount += 1
    let address = Self.address(ofGoroutine: goroutineCount)
    let high = GoInput.heapStart + Self.stacks + goroutineCount * 0x200
    put(address, at: GoInput.heapStart + Self.list + (goroutineCount - 1) * 8)
    put(high - 0x200, at: address)
    put(high, at: address + 8)
    // gopark < main.wait < start < goexit.
    let frames = [(3, 0x20), (2, 0x30), (start, 0x40), (0, 1)] as [(Int, UInt64)]
    let total = frames.dropLast().reduce(0) { $0 + Self.depths[$1.0] + 8 }
    var pointer = high - 32 - total
    put(pointer, at: address + 7 * 8)
    put(Self.entry(3) + 0x20, at: address + 8 * 8)
    put(address, at: address + 9 * 8)
    for (frame, caller) in zip(frames, frames.dropFirst()) {
      pointer += Self.depths[frame.0]
      put(isBroken ? 0x1234 : Self.entry(caller.0) + caller.1, at: pointer)
      pointer += 8
    }
    put(state, at: address + 19 * 8)
    put(goroutineCount, at: address + 20 * 8)
    put(since, at: address + 22 * 8)
    put(reason, at: address + 23 * 8)
    put(Self.entry(1) + 0x50, at: address + 37 * 8)
    put(Self.entry(start), at: address + 39 * 8)
    putSlice(GoInput.heapStart + Self.list, goroutineCount, at: GoInput.variablesStart + 0x200)
  }

  /// Adds a span whose first elements are in use, and some more by their bits, behind the others where it is not said where.
  mutating func addSpan(size: UInt64, first: UInt64, bits: UInt64, generation: UInt64 = 8, at start: UInt64? = nil) {
    let start = start ?? GoInput.untouched.lowerBound + spanCount * Self.spanByteCount
    let address = GoInput.heapStart + Self.spans + spanCount * 0xa0
    let place = GoInput.heapStart + Self.bits + spanCount * 16
    let count = Self.spanByteCount / size
    put(start, at: address + 3 * 8)
    put(1, at: address + 4 * 8)
    put(first | count << 16, at: address + 6 * 8)
    put(place, at: address + 8 * 8)
    put(GoInput.heapStart + Self.bits, at: address + 9 * 8)
    put(generation, at: address + 11 * 8)
    let used = first + UInt64((bits & ~((1 << first) - 1)).nonzeroBitCount)
    put(used | 1 << 24, at: address + 12 * 8)
    put(size, at: address + 13 * 8)
    put(start + count * size, at: address + 14 * 8)
    put(bits, at: place)
    put(address, at: GoInput.heapStart + Self.spanList + spanCount * 8)
    spanCount += 1
    putSlice(GoInput.heapStart + Self.spanList, spanCount, at: GoInput.variablesStart + 0x240)
  }

  /// Adds the span in which all the stacks lie.
  mutating func addSpanOfStacks() {
    let address = GoInput.heapStart + Self.spans + spanCount * 0xa0
    put(GoInput.heapStart + 0x4000, at: address + 3 * 8)
    put(2, at: address + 4 * 8)
    put(8, at: address + 11 * 8)
    put(2 << 24, at: address + 12 * 8)
    put(GoInput.heapStart + 0x8000, at: address + 14 * 8)
    put(address, at: GoInput.heapStart + Self.spanList + spanCount * 8)
    spanCount += 1
    putSlice(GoInput.heapStart + Self.spanList, spanCount, at: GoInput.variablesStart + 0x240)
  }

  /// The stack of a goroutine, by its number, and the stack pointer of one that waits in `main.wait`.
  static func stack(ofGoroutine number: UInt64) -> Range<UInt64> {
    let high = GoInput.heapStart + stacks + number * 0x200
    return high - 0x200..<high
  }
  static func pointer(ofGoroutine number: UInt64) -> UInt64 {
    stack(ofGoroutine: number).upperBound - 32 - [3, 2, 1].reduce(0) { $0 + depths[$1] + 8 }
  }

  /// Adds a bucket of the heap profile, of `main.wait` called by `main.main`.
  mutating func addBucket(allocated: (count: UInt64, bytes: UInt64), freed: (count: UInt64, bytes: UInt64)) {
    let address = GoInput.heapStart + Self.buckets + bucketCount * 0x100
    let former = bucketCount == 0 ? 0 : address - 0x100
    let words =
      [0, former, 1, 0x1234, allocated.bytes / allocated.count, 2, Self.entry(2) + 0x10, Self.entry(1) + 0x10]
      + [allocated.count, freed.count, allocated.bytes, freed.bytes]
    for (number, word) in words.enumerated() { put(word, at: address + UInt64(number) * 8) }
    bucketCount += 1
    put(address, at: GoInput.variablesStart + 0x280)
  }

  /// Writes a word, wherever there is memory.
  mutating func put(_ word: UInt64, at address: UInt64) {
    let bytes = CoreBuilder.bytes(word)
    func replace(_ part: inout [UInt8], _ start: UInt64) {
      part.replaceSubrange(Int(address - start)..<Int(address - start) + 8, with: bytes)
    }
    switch address {
    case GoInput.heapStart...: replace(&heap, GoInput.heapStart)
    case GoInput.variablesStart...: replace(&variables, GoInput.variablesStart)
    default: replace(&tables, GoInput.tablesStart)
    }
  }

  private mutating func putSlice(_ start: UInt64, _ count: UInt64, at address: UInt64) {
    for (number, word) in [start, count, count].enumerated() { put(word, at: address + UInt64(number) * 8) }
  }

  private mutating func makeTables() {
    var names: [UInt8] = [0]
    var offsets: [Int] = []
    for name in Self.names {
      offsets.append(names.count)
      names += Array(name.utf8) + [0]
    }
    // Each row of values has one value for all of the function.
    var values: [UInt8] = [0]
    func row(_ value: UInt64) -> Int {
      let place = values.count
      values += Self.number((value + 1) << 1) + Self.number(0x100) + [0]
      return place
    }
    var records: [UInt8] = []
    var index: [UInt8] = []
    let count = Self.names.count
    for function in 0..<count {
      index += CoreBuilder.bytes(UInt32(0x100 * function)) + CoreBuilder.bytes(UInt32((count + 1) * 8 + 44 * function))
      let numbers = [
        0x100 * function, offsets[function], 0, 0, function == 0 ? 0 : row(Self.depths[function]), row(0),
        row(UInt64(10 + function)), 0, 0, 1,
      ]
      for number in numbers { records += CoreBuilder.bytes(UInt32(number)) }
      records += [function == 5 ? 21 : 0, function == 0 ? 1 : 0, 0, 0]
    }
    index += CoreBuilder.bytes(UInt32(0x100 * count)) + CoreBuilder.bytes(UInt32(0))
    let files = Array("/srv/main.go\0".utf8)
    let parts = [names, [0, 0, 0, 0], files, values, index + records]
    var (place, starts): (Int, [UInt64]) = (0x80, [])
    for part in parts {
      tables.replaceSubrange(place..<place + part.count, with: part)
      starts.append(UInt64(place))
      place = (place + part.count + 7) & ~7
    }
    precondition(place <= 1200)
    tables.replaceSubrange(0..<8, with: [0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8])
    for (number, word) in ([UInt64(count), 1, Self.code] + starts).enumerated() {
      put(word, at: GoInput.tablesStart + 8 + UInt64(number) * 8)
    }
    let module = GoInput.variablesStart + 0x40
    put(GoInput.tablesStart, at: module)
    let counts = [names.count, 1, files.count, values.count, index.count + records.count].map { UInt64($0) }
    for part in 0..<5 { putSlice(GoInput.tablesStart + starts[part], counts[part], at: module + 8 + UInt64(part) * 24) }
    putSlice(GoInput.tablesStart + starts[4], UInt64(count + 1), at: module + 16 * 8)
    let end = Self.entry(count)
    for (number, word) in [0, Self.code, end, Self.code, end].enumerated() {
      put(word, at: module + UInt64(19 + number) * 8)
    }
  }

  private mutating func makeReasons() {
    var text = GoInput.tablesStart + 1200
    for (number, reason) in Self.reasons.enumerated() {
      let place = GoInput.variablesStart + 0x300 + UInt64(number) * 16
      guard !reason.isEmpty else { continue }
      tables.replaceSubrange(
        Int(text - GoInput.tablesStart)..<Int(text - GoInput.tablesStart) + reason.utf8.count, with: reason.utf8)
      put(text, at: place)
      put(UInt64(reason.utf8.count), at: place + 8)
      text += UInt64(reason.utf8.count)
    }
  }

  /// A number of seven bits a byte.
  private static func number(_ number: UInt64) -> [UInt8] {
    number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7f) | 0x80] + Self.number(number >> 7)
  }
}

/// Memory of a Go program, by its pieces.
final class GoMemory: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8])]

  init(_ input: GoInput) throws {
    regions = try MapsParser.parse(input.map)
    pieces = input.pieces
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let region = regions.first(where: { $0.range.contains(address) }) else { return [] }
    guard let piece = pieces.first(where: { $0.start == region.range.lowerBound.rawValue }) else {
      let count = min(Int(region.range.upperBound - address), buffer.byteCount)
      buffer.withUnsafeMutableBytes {
        _ = UnsafeMutableRawBufferPointer(rebasing: $0[..<count]).initializeMemory(as: UInt8.self, repeating: 0)
      }
      return [MemoryRun(.absent, region.range.upperBound - address)]
    }
    let offset = Int(address.rawValue - piece.start)
    let count = min(piece.bytes.count - offset, buffer.byteCount)
    // At once, as thousands of damaged programs are read.
    buffer.withUnsafeMutableBytes { target in
      piece.bytes.withUnsafeBytes { bytes in
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
      }
    }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}
