import Foundation
import SystemPackage
import Testing

@testable import MemDump

@Suite struct FormerFileTests {
  private let directory: TemporaryDirectory
  private var path: FilePath { directory["dump.json"] }

  init() throws { directory = try TemporaryDirectory() }

  @Test func itGoesWhenItIsTakenAway() throws {
    try directory.write("dump.json", [1])
    guard let former = try FormerFile(path) else { throw MemDumpError(.fileCut(path)) }
    #expect(former.takeAway() == nil)
    #expect(try directory.names == [])
  }

  @Test func itIsPutBack() throws {
    try directory.write("dump.json", [1])
    guard let former = try FormerFile(path) else { throw MemDumpError(.fileCut(path)) }
    former.restore()
    #expect(former.takeAway() == nil)
    #expect(try directory.names == ["dump.json"])
  }

  /// A directory stands for what cannot be unlinked.
  @Test func whatCannotBeTakenAwayIsNamed() throws {
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    guard let former = try FormerFile(path) else { throw MemDumpError(.fileCut(path)) }
    let name = try #require(former.takeAway()?.lastComponent?.string)
    #expect(try directory.names == [name])
  }
}
