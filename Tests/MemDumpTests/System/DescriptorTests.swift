import Foundation
import SystemPackage
import Testing

@testable import MemDump

@Suite struct DescriptorTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("outside", Array("outside".utf8))
    for name in ["root", "root/lib", "root" + directory.path.string] {
      try FileManager.default.createDirectory(
        atPath: directory[name].string, withIntermediateDirectories: true)
    }
    try directory.write("root/lib/file", Array("inside".utf8))
    // The same name from the root of the target on.
    try directory.write("root" + directory.path.appending("outside").string, Array("inside".utf8))
    for (name, target) in [
      ("root/absolute", directory["outside"].string), ("root/up", "../outside"), ("root/places", "/lib"),
      ("root/magic", "/proc/self/root"),
    ] {
      try FileManager.default.createSymbolicLink(atPath: directory[name].string, withDestinationPath: target)
    }
  }

  private func content(_ path: FilePath, resolves: Bool) throws(Errno) -> String {
    let file = try Descriptor(openingRegular: path, in: directory["root"], resolves: resolves)
    return String(decoding: try Syscall.contents(file.file), as: UTF8.self)
  }

  @Test func linksStayInTheRootOfTheTarget() throws {
    #expect(try content("/lib/file", resolves: true) == "inside")
    #expect(try content("/places/file", resolves: true) == "inside")
    #expect(try content("/absolute", resolves: true) == "inside")
    for path in ["/up", "/../outside", "/magic"] as [FilePath] {
      #expect(throws: Errno.self, "\(path)") { try content(path, resolves: true) }
    }
    #expect(throws: Errno.invalidArgument) { try content("/lib", resolves: true) }
  }

  /// Where the kernel cannot resolve, before Linux 5.6.
  @Test func withoutTheCallLinksAreRefused() throws {
    #expect(try content("/lib/./file", resolves: false) == "inside")
    for path in ["/places/file", "/absolute", "/up", "/../outside", "/lib/../lib/file"] as [FilePath] {
      #expect(throws: Errno.self, "\(path)") { try content(path, resolves: false) }
    }
    #expect(throws: Errno.invalidArgument) { try content("/lib", resolves: false) }
  }
}
