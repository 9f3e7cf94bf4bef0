import SystemPackage
import Testing

@testable import MemDump

/// What is written is read again; what is cut short, or of another class or byte order, is refused.
@Suite struct ELFHeaderTests {
  private static let header = ELFHeader(
    kind: .core, machine: .aarch64, segments: .init(offset: 0x40, entryByteCount: 56, count: 3),
    sections: .init(offset: 0x1234_5678_9abc, entryByteCount: 64, count: 5), nameSection: 4)

  @Test func aHeaderIsReadAsItWasWritten() {
    #expect(Self.header.bytes.count == ELFHeader.byteCount)
    #expect(ELFHeader(parsing: Self.header.bytes) == Self.header)
    #expect(ELFHeader(parsing: Self.header.bytes + [1, 2, 3]) == Self.header)
    for count in 0..<ELFHeader.byteCount { #expect(ELFHeader(parsing: Array(Self.header.bytes[..<count])) == nil) }
  }

  /// A byte of what the file is, and what it is changed to.
  @Test(arguments: [(0, 0x7e), (3, 0x47), (4, 1), (4, 0), (5, 2), (5, 0)] as [(Int, UInt8)])
  func anotherClassOrByteOrderIsRefused(place: Int, byte: UInt8) {
    var bytes = Self.header.bytes
    bytes[place] = byte
    #expect(ELFHeader(parsing: bytes) == nil)
  }

  @Test func theKindIsToldOfEveryClassAndByteOrder() {
    var bytes = Self.header.bytes
    #expect(ELFHeader.kind(of: Array(bytes.prefix(18))) == .core)
    bytes[4] = 1
    #expect(ELFHeader.kind(of: bytes) == .core)
    #expect(ELFHeader.kind(of: Array(bytes.prefix(17))) == nil)
    bytes[5] = 2
    #expect(ELFHeader.kind(of: bytes) == .init(rawValue: 0x400))
    bytes.swapAt(16, 17)
    #expect(ELFHeader.kind(of: bytes) == .core)
  }

  @Test(arguments: [0, 62, 183, 243, .max] as [UInt16]) func aMachineIsItsNumber(code: UInt16) {
    #expect(ELFMachine(code: code).code == code)
    var header = Self.header
    header.machine = ELFMachine(code: code)
    #expect(ELFHeader(parsing: header.bytes)?.machine.code == code)
  }

  @Test func theOwnMachineIsThatOfOurProgram() throws {
    let program = try Descriptor(opening: "/proc/self/exe")
    #expect(ELFHeader(parsing: try Syscall.bytes(program.file, 0..<64))?.machine == .own)
  }

  @Test func numbersThatDoNotFitAreInSectionZero() {
    let first = ELFSection(byteCount: 70_000, link: 69_999, information: 80_000)
    var header = Self.header
    #expect(!header.refersToFirstSection)
    #expect(header.segmentCount(with: first) == 3 && header.sectionCount(with: first) == 5)
    #expect(header.nameSection(with: first) == 4)
    (header.segments.count, header.sections.count, header.nameSection) = (ELFHeader.most, 0, ELFHeader.most)
    #expect(header.refersToFirstSection)
    #expect(header.segmentCount(with: first) == 80_000 && header.sectionCount(with: first) == 70_000)
    #expect(header.nameSection(with: first) == 69_999)
    #expect(header.segmentCount(with: nil) == nil && header.sectionCount(with: nil) == 0)
  }
}
