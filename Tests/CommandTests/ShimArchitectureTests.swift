import MemDumpTestSupport
import Testing

/// What the folders of the C shim promise: layers without a circle, and a folder for each processor.
@Suite struct ShimArchitectureTests {
  private struct File {
    let folder: String
    let name: String
    let lines: [Substring]

    var path: String { folder + "/" + name }

    /// A source and its header are one.
    var unit: String { folder + "/" + name.prefix { $0 != "." } }

    /// What it includes of the shim, as units.
    var included: [String] {
      lines.filter { $0.hasPrefix("#include \"") }.map { line in
        var parts = [Substring(folder)]
        for part in line.dropFirst("#include \"".count).dropLast().split(separator: "/") {
          if part == ".." { parts.removeLast() } else { parts.append(part) }
        }
        return (parts.count == 1 ? "/" : "") + parts.joined(separator: "/").dropLast(".h".count)
      }
    }

    var isOfAProcessor: Bool { !["", "holder", "include"].contains(folder) }
  }

  private static let shim =
    String(#filePath.dropLast("Tests/CommandTests/ShimArchitectureTests.swift".count)) + "Sources/CProcMem"

  private static let files: [File] = {
    let folders = [""] + fileNames(in: shim).filter { !$0.contains(".") }
    return folders.flatMap { folder in
      fileNames(in: shim + "/" + folder).filter { $0.hasSuffix(".c") || $0.hasSuffix(".h") }.map { name in
        let text = fileText(shim + "/" + folder + "/" + name) ?? ""
        return File(folder: folder, name: name, lines: text.split(separator: "\n"))
      }
    }
  }()

  @Test func thereAreFoldersOfProcessors() {
    #expect(Self.files.count > 20)
    #expect(Set(Self.files.filter(\.isOfAProcessor).map(\.folder)).isSuperset(of: ["x86_64", "aarch64", "other"]))
  }

  /// Takes away what includes nothing that is left, until nothing is left or only what goes round.
  @Test func noIncludeGoesRound() {
    var left: [String: Set<String>] = [:]
    for file in Self.files { left[file.unit, default: []].formUnion(file.included.filter { $0 != file.unit }) }
    #expect(left["x86_64/interrupted_call"] == ["holder/timed_calls", "x86_64/registers", "x86_64/system_calls"])
    while let lowest = left.first(where: { $0.value.allSatisfy { left[$0] == nil } }) { left[lowest.key] = nil }
    #expect(left.keys.sorted() == [])
  }

  @Test func onlyFoldersOfProcessorsAskWhichItIs() {
    let asking = Self.files.filter { $0.lines.contains { $0.contains("__x86_64__") || $0.contains("__aarch64__") } }
    #expect(asking.filter { !$0.isOfAProcessor }.map(\.path) == [])
    for file in Self.files where file.isOfAProcessor && file.name.hasSuffix(".c") {
      let directives = file.lines.filter { $0.hasPrefix("#") }
      #expect(directives.first?.hasPrefix("#if ") == true && file.lines.last == "#endif", "\(file.path)")
      #expect(file.lines.filter { $0.contains("__") && $0.hasPrefix("#if") }.count == 1, "\(file.path)")
    }
  }

  @Test func nothingIncludesAFolderOfAProcessor() {
    let folders = Set(Self.files.filter(\.isOfAProcessor).map(\.folder))
    for file in Self.files {
      let foreign = file.included.filter { unit in
        folders.contains { unit.hasPrefix($0 + "/") && $0 != file.folder }
      }
      #expect(foreign == [], "\(file.path)")
    }
  }
}
