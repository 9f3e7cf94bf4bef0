import Foundation
import Testing

@testable import MemDump

@Suite struct PatternsTests {
  /// The root of the checkout, found from where this file lies.
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func swiftFiles(in directory: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: root.appending(path: directory), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "swift" }
  }

  @Test func namesAreUnique() {
    let names = Patterns.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(!names.isEmpty)
  }

  @Test func namesAreWordsOfTheCommandLine() {
    for name in Patterns.all.map(\.name) {
      #expect(name.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) }, "\(name)")
      #expect(name.first?.isLetter == true && name.last != "-", "\(name)")
    }
  }

  /// Help shows a pattern on one line.
  @Test func eachSaysWhatItFinds() {
    for pattern in Patterns.all {
      #expect((10...100).contains(pattern.summary.count), "\(pattern.name)")
      #expect(!pattern.summary.contains("\n") && pattern.summary.last != ".", "\(pattern.name)")
    }
  }

  /// A walk's buffer must hold it on both sides.
  @Test func eachReachesASmallWay() {
    for pattern in Patterns.all { #expect((0...4096).contains(pattern.reach), "\(pattern.name)") }
  }

  @Test func eachIsFoundByItsName() throws {
    for pattern in Patterns.all { #expect(try Patterns.pattern(named: pattern.name).name == pattern.name) }
  }

  @Test func anUnknownNameIsAnErrorThatListsTheKnown() throws {
    let error = #expect(throws: MemDumpError.self) { try Patterns.pattern(named: "no-such") }
    #expect(error?.code == .unknownPattern)
    let description = try #require(error?.description)
    for pattern in Patterns.all { #expect(description.contains(pattern.name)) }
    #expect(throws: MemDumpError.self) { try Patterns.pattern(named: "") }
    #expect(throws: MemDumpError.self) { try Patterns.pattern(named: "IPV4-PORT") }
  }

  /// A pattern is one file in Scan/Patterns and one line in the list; this fails where the line was forgotten.
  @Test func eachFileOfAPatternHasALineInTheList() throws {
    let files = try Self.swiftFiles(in: "Sources/MemDump/Scan/Patterns")
    #expect(!files.isEmpty)
    let listed = Set(Patterns.all.map { String(describing: type(of: $0)) })
    for file in files {
      let type = file.deletingPathExtension().lastPathComponent
      #expect(listed.contains(type), "\(type) has a file in Scan/Patterns and no line in Patterns.all")
    }
    #expect(listed.count == files.count, "each file holds one pattern")
  }

  /// `///` above the type: the first line of its page, and the rule itself.
  @Test func eachHasItsRuleWrittenAboveIt() throws {
    for file in try Self.swiftFiles(in: "Sources/MemDump/Scan/Patterns") {
      let type = file.deletingPathExtension().lastPathComponent
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      let declaration = try #require(lines.firstIndex { $0.contains("struct \(type)") }, "\(type)")
      let comment = lines[..<declaration].reversed().prefix { $0.hasPrefix("///") }
      let pattern = try #require(Patterns.all.first { String(describing: Swift.type(of: $0)) == type })
      #expect(comment.last?.contains("`\(pattern.name)`") == true, "\(type): the first line names the pattern")
      #expect(comment.count >= 3, "\(type): the rule is written down")
    }
  }
}
