import SystemPackage
import Testing

@testable import MemDump

@Suite struct StreamSourceTests {
  /// A pipe that holds a text and has ended.
  private static func pipe(_ text: String) throws -> FileDescriptor {
    let (readEnd, writeEnd) = try FileDescriptor.pipe()
    try writeEnd.writeAll(Array(text.utf8))
    try writeEnd.close()
    return readEnd
  }

  @Test(arguments: [1, 2, 7, 25, 4096]) func aScanReadsItToItsEnd(chunk: Int) throws {
    let file = try Self.pipe("x1.2.3.4:80 and 5.6.7.8:90")
    defer { try? file.close() }
    let source = StreamSource(file, path: "standard input")
    var list = FindingRecorder()
    let summary = try Scan(patterns: [IPv4Port()], chunk: chunk).run(source, into: &list)
    #expect(list.items == [.init(address: 1, text: "1.2.3.4:80"), .init(address: 16, text: "5.6.7.8:90")])
    #expect(summary.byteCount == 26)
    #expect(!source.hasAddresses)
  }

  @Test func aBaseGivesAddresses() throws {
    let file = try Self.pipe("x1.2.3.4:80")
    defer { try? file.close() }
    let source = StreamSource(file, path: "standard input", base: Address(0x1000))
    #expect(source.hasAddresses)
    #expect(source.fileOffset(of: Address(0x1001)) == 1)
    #expect(try Scan(patterns: [IPv4Port()]).items(source) == [.init(address: 0x1001, text: "1.2.3.4:80")])
  }

  @Test func nothingIsNothing() throws {
    let file = try Self.pipe("")
    defer { try? file.close() }
    #expect(try Scan(patterns: [IPv4Port()]).items(StreamSource(file, path: "standard input")).isEmpty)
  }

  @Test func aReadErrorIsAnError() throws {
    let file = try FileDescriptor.open("/", .readOnly)
    defer { try? file.close() }
    let source = StreamSource(file, path: "standard input")
    let error = #expect(throws: MemDumpError.self) { try Scan(patterns: [IPv4Port()]).items(source) }
    #expect(error?.cause == .isDirectory)
  }
}
