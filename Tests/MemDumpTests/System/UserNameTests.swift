import Testing

@testable import MemDump

@Suite struct UserNameTests {
  private static func name(_ user: UInt32, _ text: String) -> String? {
    UserName.name(of: user, in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func theNameOfTheLineWithTheNumberIsTaken() {
    let text = "root:x:0:0:root:/root:/bin/bash\n\nwww-data:x:33:33::/var/www:\nother:x:33:1::/:\n"
    #expect(Self.name(0, text) == "root")
    #expect(Self.name(33, text) == "www-data")
    #expect(Self.name(3, text) == nil)
    #expect(Self.name(1, text) == nil)
  }

  @Test(arguments: [
    "", "\n", ":", "root", "root:x:0", "root:0:0", ":x:0:0", "root:x:00:0", "root:x: 0:0", "root::+0:0",
  ])
  func aLineThatIsNoneHasNoName(text: String) { #expect(Self.name(0, text) == nil) }

  @Test func aLineThatIsCutIsStillRead() { #expect(Self.name(7, "lp:x:7:7:l") == "lp") }

  @Test func aUserWithoutANameIsANumber() { #expect(UserName.text(4_294_967_294).hasPrefix("4294967294")) }
}
