/// The tables by which a code object of Python tells the line of an instruction. They are read from the memory of another program:
/// what cannot be is no line.
enum PythonLines {
  /// The form of a table.
  enum Form: Hashable, Sendable {
    /// Up to 3.9 (`co_lnotab`): pairs of how far the next line is, in bytes of instructions and in lines.
    case steps
    /// 3.10 (`co_linetable`): pairs of the length of a range and how far its line is from the one before.
    case ranges
    /// From 3.11 on (`co_linetable`, Objects/locations.md in the source of Python): entries of several lengths, with columns.
    case locations
  }

  /// The line of the instruction at an offset in bytes; nil where the table tells none.
  ///
  /// - Parameters:
  ///   - offset: where the instruction is, from the first on.
  ///   - table: the table.
  ///   - form: its form.
  ///   - first: the first line of the function.
  static func line(at offset: UInt64, in table: [UInt8], _ form: Form, first: Int) -> UInt64? {
    let line =
      switch form {
      case .steps: step(at: offset, table, first)
      case .ranges: range(at: offset, table, first)
      case .locations: location(at: offset / 2, table, first)
      }
    return line.flatMap { $0 > 0 ? UInt64($0) : nil }
  }

  /// The form of a table of a code object without a qualified name, which 3.11 has: in 3.10 the ranges cover all instructions.
  static func form(of table: [UInt8], byteCount: UInt64) -> Form {
    let covered = stride(from: 0, to: table.count, by: 2).reduce(UInt64(0)) { $0 + UInt64(table[$1]) }
    return !table.isEmpty && covered == byteCount ? .ranges : .steps
  }

  private static func step(at offset: UInt64, _ table: [UInt8], _ first: Int) -> Int {
    var (place, line) = (UInt64(0), first)
    for index in stride(from: 0, to: table.count - 1, by: 2) {
      place += UInt64(table[index])
      if place > offset { break }
      line += Int(Int8(bitPattern: table[index + 1]))
    }
    return line
  }

  private static func range(at offset: UInt64, _ table: [UInt8], _ first: Int) -> Int? {
    var (end, line) = (UInt64(0), first)
    for index in stride(from: 0, to: table.count - 1, by: 2) {
      end += UInt64(table[index])
      let difference = Int8(bitPattern: table[index + 1])
      if difference != .min { line += Int(difference) }
      if offset < end { return difference == .min ? nil : line }
    }
    return nil
  }

  private static func location(at number: UInt64, _ table: [UInt8], _ first: Int) -> Int? {
    var (end, line, index) = (UInt64(0), first, 0)
    while index < table.count, table[index] & 0x80 != 0 {
      let (kind, length) = (table[index] >> 3 & 15, UInt64(table[index] & 7) + 1)
      index += 1
      switch kind {
      case 15: break
      case 13, 14:
        guard let difference = signedNumber(table, &index) else { return nil }
        line = min(max(line + difference, -1 << 32), 1 << 32)
      case 10...12: line += Int(kind) - 10
      default: break
      }
      end += length
      if number < end { return kind == 15 ? nil : line }
      // On to the next entry: only its first byte has the upper bit.
      while index < table.count, table[index] & 0x80 == 0 { index += 1 }
    }
    return nil
  }

  /// A number in pieces of six bits, the lowest first, whose lowest bit is the sign.
  private static func signedNumber(_ table: [UInt8], _ index: inout Int) -> Int? {
    var (number, shift) = (0, 0)
    while index < table.count, shift <= 30 {
      let byte = table[index]
      index += 1
      number |= Int(byte & 0x3f) << shift
      guard byte & 0x40 != 0 else { return number & 1 == 1 ? -(number >> 1) : number >> 1 }
      shift += 6
    }
    return nil
  }
}
