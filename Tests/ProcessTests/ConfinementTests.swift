import MemDumpTestSupport
import Testing

/// What a process that was taken over by a hostile file can still do.
@Suite struct ConfinementTests {
  /// What the program tries, each with whether it is denied.
  private static func outcomes(_ mode: String) throws -> [String: Bool] {
    let directory = try TemporaryDirectory()
    try directory.write([1], to: "old", mode: 0o644)
    let child = try Child(Programs.path("confined"), [mode, directory.path])
    var outcomes: [String: Bool] = [:]
    while let line = try? child.readLine(), line.hasPrefix("de") || line.hasPrefix("do") || line.hasPrefix("land") {
      let words = line.split(separator: " ", maxSplits: 1)
      outcomes[String(words[1])] = words[0] == "denied"
    }
    _ = try child.wait()
    return outcomes
  }

  private static let reading: Set = ["read", "list", "thread", "memory"]

  @Test func itReadsAndNothingElse() throws {
    let outcomes = try Self.outcomes("confined").filter { !["0", "1"].contains($0.key) }
    #expect(outcomes.count == 20, "\(outcomes)")
    #expect(Set(outcomes.filter { !$0.value }.keys) == Self.reading)
  }

  /// What is open for output is to get its name in its directory; it can be written to, and nothing else.
  @Test func whereAFileIsWrittenNamesAreLeft() throws {
    let outcomes = try Self.outcomes("naming").filter { !["0", "1"].contains($0.key) }
    #expect(outcomes.count == 20, "\(outcomes)")
    #expect(Set(outcomes.filter { !$0.value }.keys) == Self.reading.union(["link", "rename", "remove"]))
  }

  /// In that directory, and no other: the rights of the other call are no rights here.
  @Test func inOtherDirectoriesTheyAreNot() throws {
    let outcomes = try Self.outcomes("elsewhere").filter { !["0", "1"].contains($0.key) }
    #expect(outcomes.count == 20, "\(outcomes)")
    #expect(Set(outcomes.filter { !$0.value }.keys) == Self.reading)
  }

  /// The control: all of it is possible without.
  @Test func withoutItAllOfThatIsPossible() throws {
    let outcomes = try Self.outcomes("free")
    #expect(outcomes.count == 20, "\(outcomes)")
    #expect(Set(outcomes.filter(\.value).keys).isSubset(of: ["namespace", "unnamed"]), "\(outcomes)")
  }
}
