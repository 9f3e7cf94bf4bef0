import Testing

@testable import MemDump

@Suite struct GrowthSubjectTests {
  /// Programs go by these words.
  @Test(
    arguments: [
      (.chunks(BlockClass(of: "glibc", footprint: 1040)), .chunkSize, "1040"), (.allChunks, .chunkSize, "*"),
      (.socketAddress(Array("10.0.0.1:80".utf8)), .sockaddr, "10.0.0.1:80"), (.allSocketAddresses, .sockaddr, "*"),
      (.template(Array("user #".utf8)), .template, "user #"),
      (.mapped(.anonymous), .region, "anon"), (.mapped(.named(Array("[heap]".utf8))), .region, "[heap]"),
      (.resident(.anonymous), .resident, "anon"), (.resident(.named(Array("/lib/c".utf8))), .resident, "/lib/c"),
      (.resident(.shared(Array("/dev/zero (deleted)".utf8))), .resident, "/dev/zero (deleted)"),
      (.mapped(.shared([])), .region, "shared"), (.allResident, .resident, "*"),
    ] as [(Growth.Subject, Growth.Kind, String)])
  func hasAKindAndAKey(subject: Growth.Subject, kind: Growth.Kind, key: String) {
    #expect(subject.kind == kind)
    #expect(subject.key == Array(key.utf8))
    let growth = Growth(subject: subject, before: .init(), after: .init(count: 1, byteCount: 1))
    #expect(growth.kind == kind)
    #expect(growth.chunkByteCount == (subject == .chunks(BlockClass(of: "glibc", footprint: 1040)) ? 1040 : nil))
  }

  /// A mapping that is called as memory without a name is told is another one.
  @Test func whatIsWrittenAlikeNeedNotBeTheSame() {
    #expect(Growth.Subject.mapped(.anonymous) != .mapped(.named(Array("anon".utf8))))
    #expect(Growth.Subject.template(Array("*".utf8)) != .allSocketAddresses)
  }
}
