import MemDumpTestSupport
import Testing

/// What the folders promise: one owner for each fact.
@Suite struct ArchitectureTests {
  private static let sources =
    String(#filePath.dropLast("Tests/CommandTests/ArchitectureTests.swift".count)) + "Sources"

  private static func swiftFiles(_ directory: String) -> [(path: String, lines: [String])] {
    fileNames(in: directory).flatMap { name -> [(path: String, lines: [String])] in
      let path = directory + "/" + name
      guard name.hasSuffix(".swift") else { return name.contains(".") ? [] : swiftFiles(path) }
      let lines = (fileText(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      return [(path, lines)]
    }
  }

  private static let files = swiftFiles(sources)

  private func files(withLine matches: (String) -> Bool) -> [String] {
    Self.files.filter { $0.lines.contains(where: matches) }.compactMap {
      $0.path.split(separator: "/").last.map(String.init)
    }
  }

  @Test func thereAreSources() { #expect(Self.files.count > 50) }

  @Test func onlySyscallImportsTheShim() {
    #expect(files { $0.contains("import CProcMem") }.filter { !$0.hasPrefix("Syscall") } == [])
    #expect(!files { $0.contains("import CProcMem") }.isEmpty)
    let importers = Self.files.filter { $0.lines.contains { $0.contains("import CProcMem") } }
    let rooms = importers.compactMap { $0.path.split(separator: "/").dropLast().last.map(String.init) }
    #expect(Set(rooms) == ["System", "Stopping"])
  }

  /// A fuzz target that the package does not name is built by nobody.
  @Test func everyFuzzTargetIsInItsPackage() {
    let directory = String(#filePath.dropLast("CommandTests/ArchitectureTests.swift".count)) + "Fuzz/"
    let package = fileText(directory + "Package.swift") ?? ""
    let targets = fileNames(in: directory + "Sources")
    #expect(targets.count > 20)
    #expect(targets.filter { !package.contains("\"\($0)\"") } == [])
  }

  @Test func onlyScanKernelImportsTheKernels() {
    #expect(files { $0.contains("import CScanKernels") }.sorted() == ["ScanKernel+Literals.swift", "ScanKernel.swift"])
  }

  @Test func onlyRegexProgramImportsTheEngine() {
    #expect(files { $0.contains("import CPCRE2") } == ["RegexProgram.swift"])
  }

  @Test func onlyOneFileImportsTheDigestAndOneTheCommit() {
    #expect(files { $0.contains("import CDigest") } == ["SHA256Digest.swift"])
    #expect(files { $0.contains("import CBuild") } == ["BuildFacts.swift"])
  }

  @Test func onlyProcFSSpellsProc() {
    #expect(files { $0.contains("\"/proc") } == ["ProcFS.swift"])
  }

  @Test func nothingImportsFoundation() {
    #expect(files { $0.contains("import Foundation") } == [])
  }

  @Test func noFileIsLong() {
    #expect(Self.files.filter { $0.lines.count > 400 }.map(\.path) == [])
  }

  @Test func theLibraryNeitherPrintsNorExits() {
    let library = Self.files.filter { $0.path.contains("/MemDump/") }
    let offenders = library.filter { file in
      file.lines.contains { $0.contains(" print(") || $0.contains(" exit(") || $0.contains("fatalError(") }
    }
    #expect(offenders.map(\.path) == [])
  }

  /// A name that several records have stands with the names, so that it is spelled once.
  @Test func everyFieldIsNamedOnce() {
    let output = Self.files.filter { $0.path.contains("/memdump/Output/") }
    let names = output.flatMap(\.lines).flatMap { line in
      line.matches(of: #/(?:Field|Member)\("([a-z0-9_]+)"|: FieldName = "([a-z0-9_]+)"/#).compactMap { $0.1 ?? $0.2 }
    }
    #expect(names.count > 100)
    #expect(Dictionary(grouping: names, by: \.self).filter { $0.value.count > 1 }.keys.sorted() == [])
  }

  /// One place has the sequences that a terminal obeys, so that one place is to be looked at for what may come to one.
  @Test func onlyEmphasisSpellsEscapeSequences() {
    #expect(files { $0.contains("\\u{1b}") || $0.contains("\\u{1B}") } == ["Emphasis.swift"])
  }

  /// A report does not know how it looks: what makes bytes of it is a form of output.
  @Test func onlyRenderingsMakeBytesOfReports() {
    let makers = Self.files.filter { file in
      file.path.contains("/memdump/") && file.lines.contains { $0.contains("JSONWriter") || $0.contains(" Table(") }
    }
    let names = makers.compactMap { $0.path.split(separator: "/").last.map(String.init) }
    #expect(
      names.sorted() == ["JSONRendering.swift", "OccurrencePrinter.swift", "TextPrinter.swift", "TextRendering.swift"])
  }
}
