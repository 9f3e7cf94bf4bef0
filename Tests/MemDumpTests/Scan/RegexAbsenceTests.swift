#if !Regex
  import Testing

  @testable import MemDump

  /// The plain build, which needs nothing installed.
  @Suite struct RegexAbsenceTests {
    @Test func aBuildWithoutAnEngineSaysHowToGetOne() {
      let error = #expect(throws: MemDumpError.self) { try RegexPattern("a") }
      #expect(error?.code == .noRegexEngine)
      #expect(error?.description.contains("swift build --traits Regex") == true)
    }
  }
#endif
