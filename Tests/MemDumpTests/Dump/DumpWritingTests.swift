import Foundation
import SystemPackage
import Testing

@testable import MemDump

/// A dump and its manifest get their names together, or what was there before stays.
@Suite struct DumpWritingTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Writes a dump of a page. `before` is done at the last moment before both get their
  /// names.
  private func write(replacing: Bool, before: () -> Void = {}) throws(MemDumpError) {
    let memory = SparseMemory([Range(0x1000, 0x2000)], contents: [(0x1000, [UInt8](repeating: 7, count: 4096))])
    let range = memory.regions[0].range
    let layout = FileLayout(
      header: [], memory: [Stretch(range: range, content: FileOffset(0))], byteCount: range.byteCount)
    let writing = DumpWriting(
      layout: layout, contents: [range], source: GatheredMemory(memory), digest: nil, control: WorkControl())
    _ = try writing.write(to: directory["dump"], replacing: replacing, endLook: {}) { _, _ in
      before()
      var manifest = Manifest()
      manifest.tool = "new"
      return manifest
    }
  }

  /// Puts a directory where the dump is to be, which nothing replaces.
  private func obstruct() {
    Syscall.unlink(directory["dump"])
    try? FileManager.default.createDirectory(atPath: directory["dump"].string, withIntermediateDirectories: false)
  }

  @Test func bothAreReplaced() throws {
    try directory.write("dump", [1])
    try directory.write("dump.json", [2])
    try write(replacing: true)
    #expect(try directory.read("dump") == [UInt8](repeating: 7, count: 4096))
    #expect(try Manifest(parsing: directory.read("dump.json"))?.tool == "new")
    #expect(try directory.names == ["dump", "dump.json"])
  }

  @Test func theOldManifestIsPutBackWhereTheDumpCannotBeReplaced() throws {
    try directory.write("dump", [1])
    try directory.write("dump.json", [2])
    #expect(throws: MemDumpError.self) { try write(replacing: true) { obstruct() } }
    #expect(try directory.read("dump.json") == [2])
    #expect(try directory.names == ["dump", "dump.json"])
  }

  @Test(arguments: [true, false]) func thereIsNoManifestOfADumpThatHasNoName(replacing: Bool) throws {
    #expect(throws: MemDumpError.self) { try write(replacing: replacing) { obstruct() } }
    #expect(try directory.names == ["dump"])
  }
}
