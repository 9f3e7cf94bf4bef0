import Testing

@testable import MemDump

/// On entries that are written here by hand: a common one, and two functions at 0x1000 and 0x2000 of 0x100 bytes each.
@Suite struct CallFramesTests {
  private static let section: UInt64 = 0x4000
  /// rsp + 8 is the frame address, and the return address stands below it.
  private static let common: [UInt8] = [0x0c, 7, 8, 0x90, 1]
  /// push %rbp; mov %rsp, %rbp; …; pop %rbp, as gcc tells it.
  private static let pushes: [UInt8] = [
    0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x02, 0x50, 0x0a, 0xc6, 0x0c, 7, 8, 0x41, 0x0b,
  ]

  private static func number(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    let rest = [UInt8](repeating: 0, count: (8 - (bytes.count + 4) % 8) % 8)
    return number(UInt32(bytes.count + rest.count)) + bytes + rest
  }

  /// An .eh_frame with a function for each program, and where its entries are.
  private static func frames(
    _ programs: [[UInt8]], augmentation: String = "zR", version: UInt8 = 1
  ) -> (bytes: [UInt8], entries: [UInt64]) {
    let letters = Array(augmentation.utf8) + [0]
    let data: [UInt8] = augmentation.hasPrefix("z") ? [1, 0x03] : []
    var bytes = padded(number(0) + [version] + letters + [1, 0x78, 16] + data + common)
    var entries: [UInt64] = []
    for (index, program) in programs.enumerated() {
      entries.append(section + UInt64(bytes.count))
      let start = augmentation.hasPrefix("z") ? number(0x1000 * UInt32(index + 1)) + number(0x100) + [0] : []
      bytes += padded(number(UInt32(bytes.count + 4)) + start + program)
    }
    return (bytes + number(0), entries)
  }

  private static func reader(_ bytes: [UInt8], at start: UInt64 = section) -> CallFrames.Reader {
    { address, count in
      guard address >= start, address - start < UInt64(bytes.count) else { return [] }
      return Array(bytes[Int(address - start)...].prefix(count))
    }
  }

  private static func row(_ address: UInt64, _ bytes: [UInt8]) -> FrameRow? {
    let read = reader(bytes)
    var frames = CallFrames(header: nil, section: section..<section + UInt64(bytes.count), read)
    return frames?.row(at: address, read)?.row
  }

  @Test func everyPlaceOfAFunctionHasItsRow() throws {
    let (bytes, _) = Self.frames([Self.pushes, []])
    func told(_ address: UInt64) -> String? {
      guard let row = Self.row(address, bytes), case .register(let register, let offset)? = row.frameAddress else {
        return nil
      }
      return "\(register)+\(offset) \(row.rule(6)) \(row.rule(16))"
    }
    #expect(told(0x1000) == "7+8 same offset(-8)")
    #expect(told(0x1001) == "7+16 offset(-16) offset(-8)")
    #expect(told(0x1003) == "7+16 offset(-16) offset(-8)")
    #expect(told(0x1004) == "6+16 offset(-16) offset(-8)")
    #expect(told(0x1053) == "6+16 offset(-16) offset(-8)")
    #expect(told(0x1054) == "7+8 same offset(-8)")
    #expect(told(0x1055) == "6+16 offset(-16) offset(-8)")
    #expect(told(0x20ff) == "7+8 same offset(-8)")
    for address in [0, 0xfff, 0x1100, 0x1fff, 0x2100, .max] as [UInt64] { #expect(told(address) == nil) }
  }

  @Test func theLinkersTableLeadsToTheSame() throws {
    let (bytes, entries) = Self.frames([Self.pushes, []])
    let header = Self.section - 0x100
    func relative(_ address: UInt64) -> [UInt8] { Self.number(UInt32(truncatingIfNeeded: address &- header)) }
    var table: [UInt8] = [1, 0x1b, 0x03, 0x3b] + relative(Self.section - 4) + Self.number(2)
    table += relative(0x1000) + relative(entries[0]) + relative(0x2000) + relative(entries[1])
    let all = table + [UInt8](repeating: 0, count: 0x100 - table.count) + bytes
    let read = Self.reader(all, at: header)
    var frames = try #require(CallFrames(header: header, section: nil, read))
    for address in [0x1000, 0x1004, 0x10ff, 0x2000, 0x20ff] as [UInt64] {
      #expect(frames.row(at: address, read)?.row == Self.row(address, bytes))
    }
    for address in [0, 0xfff, 0x1100, 0x2100, .max] as [UInt64] { #expect(frames.row(at: address, read) == nil) }
  }

  @Test(arguments: ["", "zX", "R", "zRP"]) func whatIsNotKnownIsRefused(augmentation: String) {
    #expect(Self.row(0x1000, Self.frames([[]], augmentation: augmentation).bytes) == nil)
  }

  @Test func otherVersionsAreRefused() {
    #expect(Self.row(0x1000, Self.frames([[]], version: 2).bytes) == nil)
    #expect(Self.row(0x1000, Self.frames([[]], version: 3).bytes) != nil)
  }

  /// Instructions that are unknown, end too early, or restore what was not remembered.
  @Test(arguments: [[0x17], [0x3f], [0x0c, 7], [0x0b], [0x0f, 200, 1], [0x80 | 6, 0x80]] as [[UInt8]])
  func brokenInstructions(program: [UInt8]) {
    let (bytes, _) = Self.frames([program + [UInt8](repeating: 0x80, count: 12)])
    #expect(Self.row(0x1080, bytes) == nil)
  }

  /// Whatever byte of it is another: an answer or none, and an end.
  @Test func damagedEntries() {
    let (bytes, _) = Self.frames([Self.pushes, Self.pushes])
    var generator = SystemRandomNumberGenerator()
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] = UInt8.random(in: 0...255, using: &generator)
      for address in [0x1000, 0x1054, 0x2055] as [UInt64] { _ = Self.row(address, damaged) }
    }
  }
}
