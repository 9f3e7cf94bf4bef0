import MemDumpTestSupport
import Testing

@testable import memdump

/// What a shell is offered while a person types.
@Suite struct CompletionTests {
  /// Asks as the scripts of ArgumentParser do.
  private static func offered(
    _ argument: String, _ words: [String], at index: Int, shell: String = "bash"
  ) throws -> [String] {
    let cursor = "\(words[index].utf8.count)"
    return try Tool.run(
      ["---completion", words[0], "--", argument, "\(index + 1)", cursor, "memdump"] + words,
      environment: ["SAP_SHELL": shell]
    ).lines
  }

  @Test func processesHaveTheirNames() throws {
    let target = try FixtureProcess("--threads", "1")
    let name = "target-process"
    let fish = try Self.offered("positional@0", ["regions", ""], at: 1, shell: "fish")
    #expect(fish.contains("\(target.pid)\t\(name)"))
    #expect(!fish.contains { $0.hasSuffix("\tkthreadd") })
    #expect(try Self.offered("positional@0", ["watch", ""], at: 1, shell: "zsh").contains("\(target.pid):\(name)"))
    #expect(try Self.offered("positional@0", ["status", ""], at: 1).contains("\(target.pid) (\(name))"))
    // One that is left is put into the line as it is.
    let alone = try Self.offered("positional@0", ["status", "\(target.pid)"], at: 1)
    #expect(alone.contains("\(target.pid)") || alone.contains("\(target.pid) (\(name))"))
    #expect(try target.complaints() == [])
  }

  @Test func regionsAreThoseOfTheProcessInTheLine() throws {
    let target = try FixtureProcess("--known")
    func offered(_ prefix: String, _ process: String) throws -> [String] {
      try Self.offered("--region", ["dump", process, "--region", prefix], at: 3, shell: "fish")
    }
    let all = try offered("", "\(target.pid)")
    #expect(Set(all).isSuperset(of: ["stack", "anon", "file", "target-process"]) && !all.contains("device"))
    #expect(all.contains { $0.hasPrefix("largest\t") } && !all.contains { $0.hasPrefix("#") })
    #expect(try offered("#1", "\(target.pid)").first?.hasSuffix(" target-process") == true)
    let start = try target.region("known").lowerBound
    #expect(try offered("0x", "\(target.pid)").contains { $0.hasPrefix("\(start)\t") })
    // Of a dump the kinds are all that is known before it is read.
    #expect(try offered("", "core").contains("device"))
  }

  @Test func sourcesAreFilesToo() throws {
    let directory = try TemporaryDirectory()
    for name in ["core.1", "core.2", "$(touch x)", ".hidden"] { try directory.write([], to: name, mode: 0o600) }
    let offered = try Self.offered("positional@0", ["scan", directory.path + "/"], at: 1)
    #expect(offered == ["core.1", "core.2"].map { directory.path + "/" + $0 })
    let above = directory.path.prefix(upTo: directory.path.lastIndex(of: "/") ?? directory.path.startIndex)
    #expect(try Self.offered("positional@0", ["heap", String(above)], at: 1).contains { $0.hasSuffix("/") })
  }

  /// The script of bash has the shell expand what it is given.
  @Test func aNameIsNothingThatAShellRuns() {
    #expect(Completion.plain(Array("$(reboot)`x`".utf8)) == "??reboot??x?")
    #expect(Completion.plain([0x1b, 0x0a, 0x27, 0xff, 0x41]) == "????A")
  }

  @Test(.enabled(if: canTrace && has("strace"), "strace is not installed, or may not trace"))
  func ofAProcessOnlyFactsAreRead() throws {
    let target = try FixtureProcess("--threads", "1")
    let line = """
      strace -f -qq -o /dev/stdout -e trace=%file,process_vm_readv,ptrace,kill "$MEMDUMP" ---completion dump -- ARGUMENT 3 0 \
      memdump dump \(target.pid) '' | grep -o '/proc/\(target.pid)/[a-z_]*\\|^[0-9]* *ptrace\\|process_vm_readv\\|kill(' | sort -u
      """
    for (argument, file) in [("positional@0", "stat"), ("--region", "maps")] {
      let seen = try Tool.shell(line.replacing("ARGUMENT", with: argument)).lines
      #expect(seen == ["/proc/\(target.pid)/\(file)"])
    }
    #expect(try target.complaints() == [])
  }
}
