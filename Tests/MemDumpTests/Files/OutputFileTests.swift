import Foundation
import SystemPackage
import Testing

@testable import MemDump

@Suite struct OutputFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Writes a whole file.
  private func output(
    _ path: FilePath, _ text: String, replacing: Bool = false, needed: UInt64 = 0
  ) throws(MemDumpError) {
    let file = try OutputFile(path, replacing: replacing, needed: needed)
    let bytes = Array(text.utf8)
    try file.write(bytes.span.bytes, at: 0)
    try file.commit()
  }

  private func reason(_ path: FilePath, replacing: Bool = false, needed: UInt64 = 0) -> MemDumpError.Reason? {
    #expect(throws: MemDumpError.self) { try output(path, "new", replacing: replacing, needed: needed) }?.reason
  }

  @Test func appearsWhole() throws {
    try output(directory["dump"], "hello")
    #expect(try directory.read("dump") == Array("hello".utf8))
    #expect(try directory.names == ["dump"])
  }

  /// What it holds are secrets, whatever the umask is.
  @Test func onlyItsOwnerMayReadIt() throws {
    try output(directory["dump"], "hello")
    #expect(try directory.mode("dump") == 0o600)
    try directory.write("old", [1])
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: directory["old"].string)
    try output(directory["old"], "hello", replacing: true)
    #expect(try directory.mode("old") == 0o600)
  }

  /// The call that failed is named, and not another one that comes after it.
  @Test func aNameThatCannotBeGivenIsNotCreated() throws {
    let place = directory["place"]
    try FileManager.default.createDirectory(atPath: place.string, withIntermediateDirectories: false)
    let error = #expect(throws: MemDumpError.self) {
      let file = try OutputFile(place.appending("dump"), replacing: false, needed: 0)
      try FileManager.default.removeItem(atPath: place.string)
      try file.commit()
    }
    guard case .file(_, .giveName, .noSuchFileOrDirectory) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func nothingIsLeftBehindWithoutACommit() throws {
    do {
      let file = try OutputFile(directory["dump"], replacing: false, needed: 0)
      let bytes: [UInt8] = [1, 2, 3]
      try file.write(bytes.span.bytes, at: 0)
      #expect(try !directory.names.contains("dump"))
    }
    #expect(try directory.names.isEmpty)
  }

  @Test func anExistingFileStaysAsItIs() throws {
    try directory.write("dump", Array("old".utf8))
    guard case .fileExists(directory["dump"])? = reason(directory["dump"]) else {
      Issue.record("another error")
      return
    }
    #expect(try directory.read("dump") == Array("old".utf8))
    #expect(try directory.names == ["dump"])
  }

  /// One that came to be after the check.
  @Test func aFileThatAppearsMeanwhileStaysAsItIs() throws {
    let file = try OutputFile(directory["dump"], replacing: false, needed: 0)
    try directory.write("dump", Array("other".utf8))
    var failure: MemDumpError?
    do throws(MemDumpError) { try file.commit() } catch { failure = error }
    guard case .fileExists(directory["dump"])? = failure?.reason else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try directory.read("dump") == Array("other".utf8))
    #expect(try directory.names == ["dump"])
  }

  @Test func replacesWhereTold() throws {
    try directory.write("dump", Array("a longer old text".utf8))
    try output(directory["dump"], "new", replacing: true)
    #expect(try directory.read("dump") == Array("new".utf8))
    try output(directory["fresh"], "new", replacing: true)
    #expect(try directory.names == ["dump", "fresh"])
  }

  @Test func theOldFileIsThereUntilTheNewOneIsWhole() throws {
    try directory.write("dump", Array("old".utf8))
    do {
      let file = try OutputFile(directory["dump"], replacing: true, needed: 0)
      let bytes: [UInt8] = [1, 2, 3]
      try file.write(bytes.span.bytes, at: 0)
    }
    #expect(try directory.read("dump") == Array("old".utf8))
    #expect(try directory.names == ["dump"])
  }

  @Test(arguments: [false, true]) func neverFollowsASymbolicLink(replacing: Bool) throws {
    try directory.write("target", Array("old".utf8))
    for (name, target) in [("link", "target"), ("dangling", "nowhere")] {
      try FileManager.default.createSymbolicLink(
        atPath: directory[name].string, withDestinationPath: directory[target].string)
      guard case .notARegularFile(directory[name])? = reason(directory[name], replacing: replacing) else {
        Issue.record("another error")
        return
      }
    }
    #expect(try directory.read("target") == Array("old".utf8))
    #expect(try directory.names == ["dangling", "link", "target"])
  }

  @Test(arguments: [false, true]) func refusesADirectoryAndADevice(replacing: Bool) throws {
    guard case .file(directory.path, .create, .isDirectory)? = reason(directory.path, replacing: replacing) else {
      Issue.record("another error for a directory")
      return
    }
    guard case .notARegularFile("/dev/null")? = reason("/dev/null", replacing: replacing) else {
      Issue.record("another error for a device")
      return
    }
  }

  @Test func aDirectoryThatIsNotThereIsAnError() throws {
    let error = #expect(throws: MemDumpError.self) { try output(directory["no/dump"], "x") }
    #expect(error?.code == .file)
    #expect(error?.cause == .noSuchFileOrDirectory)
  }

  @Test func refusesWhatDoesNotFitOnTheDisk() throws {
    guard case .diskSpace(directory["dump"], needed: .max, let available)? = reason(directory["dump"], needed: .max)
    else {
      Issue.record("another error")
      return
    }
    #expect(available < .max)
    #expect(try directory.names.isEmpty)
  }

  @Test func whatIsNotWrittenIsAHole() throws {
    let file = try OutputFile(directory["dump"], replacing: false, needed: 0)
    try file.setByteCount(1 << 30)
    let bytes: [UInt8] = [7]
    try file.write(bytes.span.bytes, at: (1 << 30) - 1)
    try file.commit()
    let attributes = try Syscall.attributes(directory["dump"])
    #expect(attributes.byteCount == 1 << 30)
    #expect(try directory.byteCountOnDisk("dump") < 1 << 20)
  }

  @Test func aLengthThatNoFileCanHaveIsAnError() throws {
    let file = try OutputFile(directory["dump"], replacing: false, needed: 0)
    var failure: MemDumpError?
    do throws(MemDumpError) { try file.setByteCount(.max) } catch { failure = error }
    guard case .fileTooLarge(directory["dump"], byteCount: .max)? = failure?.reason else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(failure?.code == .file)
  }
}
