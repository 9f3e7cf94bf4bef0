/// The functions of a Go program, by its own table: names, files, lines, inlined calls, and how far a frame reaches.
///
/// Source of the forms: src/runtime/symtab.go and symtabinl.go of Go 1.16 to 1.27. Every number in the tables is checked
/// against what is there; nothing is kept of a size that was read.
struct GoFunctionTable: ~Copyable {
  /// A function: the addresses of its code, and where its record is.
  struct Function: Sendable {
    var entry: UInt64
    var end: UInt64
    var record: UInt64
  }

  /// The record of a function (`runtime._func`), as far as it is needed.
  struct Record {
    var name: UInt64
    /// The tables of values by program counter: depth of the stack, file, line.
    var depths: UInt32
    var files: UInt32
    var lines: UInt32
    var unit: UInt32
    /// The kind of the function: for wrappers that a compiler made.
    var kind: UInt8
    var isRoot: Bool
    /// The table of inlined calls by program counter, and the calls.
    var inlined: (table: UInt32, calls: UInt64)?
  }

  /// The tables.
  let module: GoModule
  var code: GoCode
  var entries: [UInt64] = []
  var records: [UInt32] = []
  /// The address that offsets of inlined calls are relative to; nil where that is not known.
  var inlinedBase: UInt64?
  /// The kind of functions that are wrappers, which the runtime leaves out of stacks; nil where the program has none.
  private var wrapperKind: UInt8?
  private var known: [UInt64: [GoFrame]] = [:]

  /// The most frames of program counters that are remembered, and inlined calls at one place.
  private static let (mostKnown, mostInlined) = (1 << 16, 64)
  /// The most bytes of a row of values by program counter that are looked at.
  private static let valueLimit = 1 << 20

  /// Reads the index of functions; nil where it does not agree with itself.
  init?(_ module: GoModule, _ code: consuming GoCode) throws(MemDumpError) {
    self.module = module
    self.code = code
    guard try readIndex() else { return nil }
    inlinedBase = try findInlinedBase()
    wrapperKind = try findWrapperKind()
  }

  /// The number of functions.
  var count: Int { entries.count }

  /// Whether an address is that of the first instruction of a function.
  func isEntry(_ address: UInt64) -> Bool {
    let index = entries.partitionIndex { $0 >= address }
    return index < entries.count && entries[index] == address
  }

  /// The function that an address lies in; nil outside of the program's code.
  func function(at address: UInt64) -> Function? {
    guard module.code.contains(address) else { return nil }
    let next = entries.partitionIndex { $0 > address }
    guard next > 0 else { return nil }
    let end = next < entries.count ? entries[next] : module.code.upperBound
    return Function(entry: entries[next - 1], end: end, record: UInt64(records[next - 1]))
  }

  /// The distance from the stack pointer to the address to return to, where an instruction is about to run; and whether the
  /// function is one that nobody called. Nil where the tables do not tell.
  mutating func depth(at address: UInt64) throws(MemDumpError) -> (byteCount: UInt64, isRoot: Bool)? {
    guard let function = function(at: address), let record = try record(of: function) else { return nil }
    let isOldRoot = try isOldRoot(record)
    if record.isRoot || isOldRoot { return (0, true) }
    guard record.depths != 0, let depth = try value(record.depths, at: address, in: function), depth >= 0,
      depth & 7 == 0
    else { return nil }
    return (UInt64(depth), false)
  }

  /// Whether a function is one that nobody called, in versions whose tables do not tell.
  private mutating func isOldRoot(_ record: Record) throws(MemDumpError) -> Bool {
    guard module.layout == .go116, let name = try name(record.name) else { return false }
    return ["runtime.goexit", "runtime.mstart", "runtime.rt0_go"].contains { name.elementsEqual($0.utf8) }
  }

  /// The name of the function at an address, without the calls inlined there; nil for none.
  mutating func name(at address: UInt64) throws(MemDumpError) -> [UInt8]? {
    guard let function = function(at: address), let record = try record(of: function) else { return nil }
    return try name(record.name)
  }

  /// The frames at an address, the innermost inlined call first, and last the function itself. Wrappers are left out.
  ///
  /// - Parameters:
  ///   - address: where the function goes on, or is.
  ///   - isCall: whether a call ends right before the address, and is what is under way.
  mutating func frames(at address: UInt64, isCall: Bool) throws(MemDumpError) -> [GoFrame] {
    let key = isCall ? address : ~address
    if let frames = known[key] { return frames }
    let frames = try findFrames(at: address, isCall: isCall)
    if known.count >= Self.mostKnown { known = [:] }
    known[key] = frames
    return frames
  }

  private mutating func findFrames(at address: UInt64, isCall: Bool) throws(MemDumpError) -> [GoFrame] {
    guard let function = function(at: address), let record = try record(of: function) else {
      return [GoFrame(address: Address(address))]
    }
    var place = isCall && address > function.entry ? address - 1 : address
    var frames: [GoFrame] = []
    if let inlined = record.inlined, var number = try value(inlined.table, at: place, in: function) {
      while number >= 0, frames.count < Self.mostInlined {
        guard let call = try inlinedCall(UInt64(number), inlined.calls, of: function) else { break }
        var frame = GoFrame(address: Address(address), name: call.name, isInlined: true)
        (frame.file, frame.line) = try source(record, at: place, in: function)
        if call.kind != wrapperKind || wrapperKind == nil { frames.append(frame) }
        place = call.parent
        guard let next = try value(inlined.table, at: place, in: function), next != number else { break }
        number = next
      }
    }
    var frame = GoFrame(address: Address(address), name: try name(record.name))
    (frame.file, frame.line) = try source(record, at: place, in: function)
    if record.kind != wrapperKind || wrapperKind == nil { frames.append(frame) }
    return frames
  }

  /// The file and line at an address of a function.
  private mutating func source(
    _ record: Record, at address: UInt64, in function: Function
  ) throws(MemDumpError) -> (file: [UInt8]?, line: UInt64?) {
    let line = try value(record.lines, at: address, in: function).flatMap { $0 > 0 ? UInt64($0) : nil }
    guard let number = try value(record.files, at: address, in: function), number >= 0 else { return (nil, line) }
    let unit = module.units.lowerBound &+ (UInt64(record.unit) &+ UInt64(number)) &* 4
    guard module.units.contains(unit), let offset = try code.number(UInt32.self, at: unit), offset != .max,
      UInt64(offset) < UInt64(module.files.count)
    else { return (nil, line) }
    return (try code.text(at: module.files.lowerBound + UInt64(offset)), line)
  }

  private mutating func name(_ offset: UInt64) throws(MemDumpError) -> [UInt8]? {
    guard offset < UInt64(module.names.count) else { return nil }
    return try code.text(at: module.names.lowerBound + offset)
  }

  // The kinds of a function's numbers, by their places in its record.

  mutating func record(of function: Function) throws(MemDumpError) -> Record? {
    guard function.record < UInt64(module.functions.count) else { return nil }
    let address = module.functions.lowerBound + function.record
    let lead = module.layout == .go116 ? 8 : 4
    let byteCount = module.layout == .go118 ? 40 : 44
    let bytes = try code.bytes(at: address, count: byteCount)
    func number(_ place: Int) -> UInt32 { bytes.load(UInt32.self, at: lead + place * 4) ?? 0 }
    guard bytes.count == byteCount else { return nil }
    // Of 1.20 and later, the line where the function starts stands before.
    let kind = module.layout == .go118 ? 36 : 40
    var record = Record(
      name: UInt64(number(0)), depths: number(3), files: number(4), lines: number(5), unit: number(7),
      kind: bytes[kind],
      isRoot: module.layout != .go116 && bytes[kind + 1] & 1 != 0)
    let (tableCount, dataCount) = (UInt64(number(6)), UInt64(bytes[byteCount - 1]))
    guard tableCount > 2, tableCount < 256, dataCount > 3 else { return record }
    let tables = address + UInt64(byteCount)
    guard let table = try code.number(UInt32.self, at: tables + 2 * 4), table != 0 else { return record }
    if module.layout == .go116 {
      let data = (tables + tableCount * 4 + 7) & ~7
      if let calls = try code.number(UInt64.self, at: data + 3 * 8), calls != 0 { record.inlined = (table, calls) }
    } else if let base = inlinedBase, let calls = try code.number(UInt32.self, at: tables + tableCount * 4 + 3 * 4),
      calls != .max
    {
      record.inlined = (table, base &+ UInt64(calls))
    }
    return record
  }

  /// An inlined call by its number: its name, its kind, and an address whose line is that of the call.
  mutating func inlinedCall(
    _ number: UInt64, _ calls: UInt64, of function: Function
  ) throws(MemDumpError) -> (name: [UInt8], kind: UInt8, parent: UInt64)? {
    let isOld = module.layout != .go120
    let byteCount = isOld ? 20 : 16
    let bytes = try code.bytes(at: calls &+ number &* UInt64(byteCount), count: byteCount)
    guard let offset = bytes.load(UInt32.self, at: isOld ? 12 : 4),
      let parent = bytes.load(UInt32.self, at: isOld ? 16 : 8), UInt64(parent) < function.end - function.entry,
      let name = try name(UInt64(offset)), !name.isEmpty
    else { return nil }
    return (name, bytes[isOld ? 2 : 0], function.entry + UInt64(parent))
  }

  /// The value of a row at an address (`pcvalue`): pairs of how much the value and the program counter rise.
  private mutating func value(
    _ offset: UInt32, at address: UInt64, in function: Function
  ) throws(MemDumpError) -> Int64? {
    guard offset != 0, UInt64(offset) < UInt64(module.values.count) else { return nil }
    var place = module.values.lowerBound + UInt64(offset)
    let end = min(module.values.upperBound, place + UInt64(Self.valueLimit))
    var (bytes, index) = (try code.bytes(at: place, count: 64), 0)
    var (value, reached): (Int64, UInt64) = (-1, function.entry)
    var isFirst = true
    while reached < function.end {
      if index + 10 > bytes.count {
        // Two numbers of five bytes are the most that a step takes.
        place += UInt64(index)
        guard place < end else { return nil }
        (bytes, index) = (try code.bytes(at: place, count: Int(min(1024, end - place))), 0)
      }
      guard let rise = Self.number(bytes, &index), rise != 0 || isFirst, let step = Self.number(bytes, &index) else {
        return nil
      }
      isFirst = false
      value &+= rise & 1 == 0 ? Int64(rise >> 1) : ~Int64(rise >> 1)
      reached &+= UInt64(step) &* module.quantum
      if address < reached { return value }
    }
    return nil
  }

  /// A number of seven bits a byte, no longer than 32 bits.
  private static func number(_ bytes: [UInt8], _ index: inout Int) -> UInt32? {
    var (number, shift): (UInt32, UInt32) = (0, 0)
    while index < bytes.count, shift < 35 {
      let byte = bytes[index]
      index += 1
      number |= UInt32(byte & 0x7f) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    return nil
  }
}
