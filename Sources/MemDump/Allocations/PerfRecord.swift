/// A record of the ring that the kernel writes for events (struct perf_event_header, perf_event_open(2)), of the form that
/// memdump asks for.
public enum PerfRecord: Equatable, Sendable {
  /// A thread came to where an event waits for it.
  case sample(PerfSample)
  /// Records were lost, since the ring was full: so many, before an instant.
  case lost(UInt64, until: UInt64)
  /// Any other record.
  case other

  /// The types of records that are told apart.
  private enum Kind: UInt32 { case lost = 2, sample = 9 }

  private static let headerByteCount = 8

  /// Reads the records that lie one behind the other, and the bytes they were read of: all, unless one is malformed. Pure,
  /// and never traps.
  public static func parse(_ bytes: [UInt8]) -> (records: [PerfRecord], byteCount: Int) {
    var records: [PerfRecord] = []
    var offset = 0
    while let kind = bytes.load(UInt32.self, at: offset), let size = bytes.load(UInt16.self, at: offset + 6) {
      let end = offset + Int(size)
      guard Int(size) >= headerByteCount, end <= bytes.count else { break }
      let content = offset + headerByteCount..<end
      switch Kind(rawValue: kind) {
      case .sample:
        guard let sample = PerfSample(bytes, content) else { return (records, offset) }
        records.append(.sample(sample))
      case .lost:
        // An ID, a count, and then, of any record but a sample, thread and instant (sample_id_all).
        guard content.count >= 32, let count = bytes.load(UInt64.self, at: content.lowerBound + 8),
          let instant = bytes.load(UInt64.self, at: content.lowerBound + 24)
        else { return (records, offset) }
        records.append(.lost(count, until: instant))
      case nil: records.append(.other)
      }
      offset = end
    }
    return (records, offset)
  }

  /// How many samples there are in some records, by the headers alone.
  static func sampleCount(_ bytes: [UInt8], from start: Int) -> (count: Int, end: Int) {
    var (count, offset) = (0, start)
    while let kind = bytes.load(UInt32.self, at: offset), let size = bytes.load(UInt16.self, at: offset + 6),
      Int(size) >= headerByteCount, Int(size) <= bytes.count - offset
    {
      if kind == Kind.sample.rawValue { count += 1 }
      offset += Int(size)
    }
    return (count, offset)
  }
}

/// A thread at the instant at which it came to where an event waits for it.
public struct PerfSample: Equatable, Sendable {
  /// The registers that a sample has, a bit for each (enum perf_event_x86_regs): ax, bx, cx, dx, si, di, bp, sp, ip and r8 to
  /// r15.
  static let registerMask: UInt64 = 0xff_01ff
  private static let registerCount = 17
  /// The places in a sample of the registers that DWARF numbers 0 to 16.
  private static let places = [0, 3, 2, 1, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 8]
  /// Registers of a 64-bit program (PERF_SAMPLE_REGS_ABI_64).
  private static let wideRegisters: UInt64 = 2

  /// The number of the thread.
  public let thread: Int32
  /// The instant, in nanoseconds of the monotonic clock.
  public let instant: UInt64
  /// The instruction that was waited for, or the page that was touched.
  public let address: Address
  /// The registers with the DWARF numbers 0 to 16; none where the thread had none to show, or those of a 32-bit program.
  public let registers: [UInt64]
  /// The bytes of the stack from the stack pointer on.
  public let stack: [UInt8]

  /// Reads what stands behind the header of a sample; nil where it is not of that form.
  init?(_ bytes: [UInt8], _ content: Range<Int>) {
    let start = content.lowerBound
    guard content.count >= 32, let thread = bytes.load(Int32.self, at: start + 4),
      let instant = bytes.load(UInt64.self, at: start + 8), let address = bytes.load(UInt64.self, at: start + 16),
      let abi = bytes.load(UInt64.self, at: start + 24)
    else { return nil }
    (self.thread, self.instant, self.address) = (thread, instant, Address(address))
    var offset = start + 32
    var values: [UInt64] = []
    if abi != 0 {
      guard content.upperBound - offset >= Self.registerCount * 8 else { return nil }
      values = Self.places.compactMap { bytes.load(UInt64.self, at: offset + $0 * 8) }
      offset += Self.registerCount * 8
    }
    registers = abi == Self.wideRegisters ? values : []
    guard content.upperBound - offset >= 8, let room = bytes.load(UInt64.self, at: offset) else { return nil }
    offset += 8
    guard room > 0 else {
      stack = []
      return
    }
    guard room <= UInt64(content.upperBound - offset), Int(room) <= content.upperBound - offset - 8,
      let used = bytes.load(UInt64.self, at: offset + Int(room))
    else { return nil }
    stack = Array(bytes[offset..<offset + Int(min(room, used))])
  }

  /// The value of a register by its DWARF number; nil where it is not known.
  func register(_ number: Int) -> UInt64? { registers.indices.contains(number) ? registers[number] : nil }

  /// The value that a function returns (rax), and its first arguments (rdi, rsi, rdx; System V ABI, AMD64, 3.2.3).
  var returned: UInt64? { register(0) }
  var arguments: [UInt64] { registers.isEmpty ? [] : [registers[5], registers[4], registers[1]] }
}
