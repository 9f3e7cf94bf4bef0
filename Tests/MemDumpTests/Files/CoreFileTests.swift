import SystemPackage
import Testing

@testable import MemDump

@Suite struct CoreFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static func sample() -> CoreBuilder {
    var core = CoreBuilder()
    core.add(0x1000, Array("x1.2.3.4:80 5.6.".utf8))
    core.add(0x1010, Array("7.8:90".utf8), missing: 10, flags: 4)
    core.addFiles([(0x1010, 0x1020, 2, "/usr/lib/a.so")])
    core.add(0x9000, Array("9.9.9.9:99".utf8))
    return core
  }

  @Test(arguments: [nil, 0xffff] as [UInt16?]) func readsMemoryAtItsAddresses(countInHeader: UInt16?) throws {
    var builder = Self.sample()
    builder.countInHeader = countInHeader
    let core = try CoreFile(directory.write("core", builder.file))
    #expect(core.regions.map(\.range) == [Range(0x1000, 0x1010), Range(0x1010, 0x1020), Range(0x9000, 0x900a)])
    #expect(core.regions.map(\.number) == [1, 2, 3])
    #expect(core.regions.map(\.label) == ["anon", "/usr/lib/a.so", "anon"])
    #expect(core.regions.map(\.kind) == [.anonymous, .file, .anonymous])
    #expect(core.regions.map(\.permissions.description) == ["rw-p", "r--p", "rw-p"])
    #expect(core.regions[1].fileOffset == 0x2000)
    #expect(core.hasAddresses && !core.isTruncated)
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()], chunk: 7).run(core, into: &list)
    #expect(
      list.items == [
        .init(address: 0x1001, text: "1.2.3.4:80"), .init(address: 0x100c, text: "5.6.7.8:90"),
        .init(address: 0x9000, text: "9.9.9.9:99"),
      ])
    #expect((summary.byteCount, summary.absentByteCount, summary.unreadByteCount) == (32, 0, 10))
  }

  @Test func tellsWhereInTheFileAByteIs() throws {
    let builder = Self.sample()
    let core = try CoreFile(directory.write("core", builder.file))
    #expect(core.fileOffset(of: Address(0x1003)) == builder.dataOffset + 3)
    #expect(core.fileOffset(of: Address(0x1015)) == builder.dataOffset + 0x15)
    // It was there, but the file does not hold it; and what was never there.
    for address in [0x1016, 0x101f, 0x0, 0x1020, 0x900a] as [UInt64] {
      #expect(core.fileOffset(of: Address(address)) == nil)
    }
  }

  /// Each of the notes claims the most that is read of all, in a file of a few kilobytes.
  @Test func theNotesOfACoreHaveALimitTogether() throws {
    for (isHole, label) in [(true, "/usr/lib/a.so"), (false, "anon")] {
      var core = CoreBuilder()
      core.add(0x1000, Array("1.2.3.4:80".utf8))
      for number in 1...40 {
        core.segments.append(
          .init(type: 4, flags: 0, offset: UInt64(number) << 28, fileByteCount: 256 << 20, byteCount: 0))
      }
      core.addFiles([(0x1000, 0x1010, 2, "/usr/lib/a.so")])
      let path = try directory.write("core", core.file)
      let file = try FileDescriptor.open(path, .readWrite)
      try file.closeAfter {
        try Syscall.truncate(file, 42 << 28)
        if !isHole { _ = try file.writeAll(toAbsoluteOffset: Int64(core.dataOffset + 1 << 28), [1, 2, 3]) }
      }
      #expect(try CoreFile(path).regions.map(\.label) == [label])
    }
  }

  @Test func whatATruncatedFileLacksIsUnread() throws {
    let whole = Self.sample().file
    let core = try CoreFile(directory.write("core", Array(whole.dropLast(4))))
    #expect(core.isTruncated)
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()]).run(core, into: &list)
    #expect(list.items.map(\.text) == ["1.2.3.4:80", "5.6.7.8:90"])
    #expect(summary.unreadByteCount == 14)
    let buffer = try PageBuffer(byteCount: 64)
    let runs = try buffer.withMutableBytes(0..<64) { (span: inout MutableRawSpan) throws(MemDumpError) in
      try core.read(at: Address(0x9008), into: &span)
    }
    #expect(runs == [MemoryRun(.unread(.notInFile), 2)])
  }

  @Test func aHoleOfTheFileIsUntouchedMemory() throws {
    var builder = CoreBuilder()
    builder.segments = [.init(address: 0x10000, fileByteCount: 8 << 20, byteCount: 8 << 20)]
    let path = try directory.write("core", builder.file)
    let file = try FileDescriptor.open(path, .readWrite)
    try Syscall.truncate(file, builder.dataOffset + 8 << 20)
    try file.close()
    let core = try CoreFile(path)
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()]).run(core, into: &list)
    // The first bytes are on the page of the file that the headers are on.
    #expect(summary.byteCount == 4096 - builder.dataOffset)
    #expect(summary.byteCount + summary.absentByteCount == 8 << 20)
    #expect(!core.isTruncated)
  }

  @Test func aFileIsOpenedAsWhatItIs() throws {
    let core = try MemoryFile.open(directory.write("core", Self.sample().file))
    #expect(core is CoreFile)
    let raw = try MemoryFile.open(directory.write("raw", [1, 2, 3]))
    #expect(raw is RawDump)
    let based = try MemoryFile.open(directory["core"], base: Address(0x1000))
    #expect(based is RawDump)
    #expect(try MemoryFile.open(directory.write("empty", [])) is RawDump)
    for path: FilePath in [directory.path, "/dev/null", directory["missing"]] {
      let error = #expect(throws: MemDumpError.self) { try MemoryFile.open(path) }
      #expect(error?.code == .file)
    }
  }

  @Test func aCoreThatCannotBeReadIsAnError() throws {
    var header = Self.sample().file
    header[4] = 1
    let error = #expect(throws: MemDumpError.self) { try MemoryFile.open(directory.write("core", header)) }
    #expect(error?.code == .malformed)
  }

  /// Offsets and counts at their limits: an answer or an error, and never a trap.
  @Test func nothingInAHeaderTraps() throws {
    let file = Self.sample().file
    let limits: [UInt64] = [0, 1, 63, 64, .max, .max - 1, .max - 63, .max / 2, .max / 2 + 1, UInt64(file.count)]
    // The offsets of program headers and of section header 0, and of the first and the third segment what they hold.
    for place in [32, 40, 64 + 8, 64 + 16, 64 + 32, 64 + 40, 176 + 8, 176 + 32] {
      for limit in limits {
        for count in [4, 0xffff] as [UInt16] {
          var bytes = file
          bytes.replaceSubrange(place..<place + 8, with: CoreBuilder.bytes(limit))
          bytes.replaceSubrange(56..<58, with: CoreBuilder.bytes(count))
          let path = try directory.write("core", bytes)
          var list = FindingRecorder()
          do throws(MemDumpError) {
            let core = try CoreFile(path)
            #expect(core.regions.allSatisfy { !$0.range.isEmpty })
            _ = try Scan(patterns: [IPv4Port()]).run(core, into: &list)
          } catch {
            #expect(error.code == .malformed || error.code == .file)
          }
        }
      }
    }
  }
}
