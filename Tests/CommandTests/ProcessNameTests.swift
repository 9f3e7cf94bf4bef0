import Glibc
import MemDump
import MemDumpTestSupport
import Synchronization
import Testing

/// A process is named by its number or by a name, in every command alike.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct ProcessNameTests {
  /// A name that no other process of the machine has; comm keeps 15 bytes.
  private let name = "md\(ownProcess)-\(100 + Self.number.add(1, ordering: .relaxed).newValue % 900)x"
  private let directory: TemporaryDirectory
  private static let number = Atomic<Int>(0)

  init() throws { directory = try TemporaryDirectory() }

  private func fixture(_ more: String...) throws -> FixtureProcess {
    try FixtureProcess(["--name", name, "--heap", "256K"] + more)
  }

  /// A master of the name with two children of the name, of which the second started last.
  private func family() throws -> (Child, master: Int32, workers: [Int32]) {
    let program = directory.file(name)
    _ = try Tool.shell("cp \"$(command -v sh)\" '\(program)'")
    let line =
      #"exec 3<&0; for i in 1 2; do "$0" -c 'echo worker $$; read x <&3' & sleep 0.1; done; echo master $$; wait"#
    let child = try Child(program, ["-c", line, program])
    let words = try (0..<3).map { _ in try child.readLine().split(separator: " ").map(String.init) }
    let numbers = Dictionary(grouping: words, by: { $0[0] }).mapValues { $0.compactMap { Int32($0[1]) } }
    return (child, try #require(numbers["master"]?.first), try #require(numbers["worker"]))
  }

  static let commands: [(words: [String], statuses: Set<Int32>)] = [
    (["regions", "NAME"], [0]), (["dump", "NAME", "--region", "heap", "-o", "-"], [0]), (["scan", "NAME"], [0, 1]),
    (["strings", "NAME"], [0]), (["heap", "NAME"], [0]), (["refs", "NAME", "--size", "48"], [0, 1]),
    (["diff", "NAME", "NAME"], [0, 1]), (["nginx-pools", "NAME"], [1]),
    (["watch", "NAME", "--every", "10ms", "--count", "2"], [0, 1]), (["hold", "NAME", "--for", "1ms"], [0]),
    (["status", "NAME"], [0]), (["rescue", "NAME"], [1]),
  ]

  @Test(arguments: commands.indices) func everyCommandTakesAName(index: Int) throws {
    let target = try fixture()
    let (words, statuses) = Self.commands[index]
    let result = try Tool.run(words.map { $0 == "NAME" ? name : $0 })
    #expect(statuses.contains(result.status), "\(result.errorText)")
    #expect(try target.complaints() == [])
  }

  @Test(arguments: commands.indices) func aNameOfSeveralIsAnErrorThatListsThem(index: Int) throws {
    let targets = [try fixture(), try fixture()]
    let words = Self.commands[index].words
    let result = try Tool.run(words.map { $0 == "NAME" ? name : $0 })
    #expect(result.status == 2)
    let several = ["regions", "scan", "strings", "watch", "status"].contains(words[0])
    let options = several ? "--newest, --children or --all-of" : "--newest or --children"
    #expect(
      result.errorText.hasPrefix("memdump: '\(name)' means 2 processes. Give the number of one, or \(options):\n"),
      "\(result.errorText)")
    for target in targets {
      let row = try Regex(
        "\\n  \(target.pid)  parent \(ownProcess), [0-9]+ s old, [0-9.]+ [KM]iB resident  [^\\n]+\\n")
      #expect(result.errorText.contains(row), "\(result.errorText)")
    }
    #expect(result.errorText.split(separator: "\n").count == 3)
  }

  @Test func hostileNamesAndLongCommandLinesAreEscapedAndCut() throws {
    let hostile = "\u{1b}[2J\"\(UInt32.random(in: 100...999))"
    let targets = try (0..<2).map { _ in try FixtureProcess("--name", hostile, "--allocations", "64:1:0") }
    let result = try Tool.run("status", hostile)
    #expect(result.status == 2)
    #expect(!result.errors.contains(0x1b))
    #expect(result.errorText.hasPrefix("memdump: '\\x1b[2J"))
    #expect(result.errorText.contains("…\n"))
    withExtendedLifetime(targets) {}
  }

  @Test func aFamilyIsTakenByItsNewestItsChildrenOrAsAWhole() throws {
    let (child, master, workers) = try family()
    func processes(_ words: String...) throws -> [Int32] {
      let result = try Tool.run(["status", "--json"] + words)
      #expect(result.status == 0, "\(result.errorText)")
      return result.lines.compactMap { JSONValue(parsing: Array($0.utf8))?["pid"]?.number }.map { Int32($0) }
    }
    #expect(try processes(name, "--newest") == [workers[1]])
    #expect(try processes(name, "--children").sorted() == workers.sorted())
    #expect(try processes("\(master)", "--children").sorted() == workers.sorted())
    #expect(try processes(name, "--children", "--newest") == [workers[1]])
    #expect(try processes("--all-of", name).sorted() == ([master] + workers).sorted())
    // Each of them once, however often it is named.
    #expect(try processes("\(master)", "--all-of", name).sorted() == ([master] + workers).sorted())

    let scan = try Tool.run("scan", "--all-of", name, "--find", "PATH=", "--json", "--top", "0")
    #expect(scan.status == 0, "\(scan.errorText)")
    let heap = try Tool.run("heap", name, "--children")
    #expect(heap.status == 2)
    #expect(heap.errorText.hasPrefix("memdump: '\(name)' means 2 processes. Give the number of one, or --newest:\n"))
    #expect(try Tool.run("regions", "\(master)", "--newest", "--children", "--top", "1").status == 0)
    let regions = try Tool.run("regions", "--all-of", name, "--top", "1").lines
    #expect(regions.filter { $0.hasSuffix(" (\(name))") }.count == 3)
    let childless = try Tool.run("status", "\(workers[0])", "--children")
    #expect(childless.errorText == "memdump: process '\(workers[0])' has no children.\n")
    withExtendedLifetime(child) {}
  }

  @Test func aWordThatIsAFileAndAProcessIsAskedAbout() throws {
    let target = try fixture("--known")
    try directory.write(sampleBytes, to: name)
    func run(_ words: String...) throws -> Tool.Result { try Tool.run(words, directory: directory.path) }
    for command in [["scan"], ["strings"], ["heap"], ["refs", "--size", "48"], ["nginx-pools"]] {
      let result = try Tool.run(command + [name], directory: directory.path)
      #expect(result.status == 2)
      #expect(
        result.errorText.hasPrefix(
          "memdump: '\(name)' is a file here, and the name of a process. Write ./\(name) for the file, or "
            + "name:\(name) for the process:\n  \(target.pid)  parent "), "\(result.errorText)")
    }
    #expect(try run("scan", "./\(name)", "--json").text.contains("10.1.2.4:9090"))
    #expect(try run("scan", "name:\(name)").text.contains("10.1.2.3:8080"))
    // A command that takes processes alone does not ask.
    #expect(try run("status", name).status == 0)
    #expect(try run("status", "name:\(name)").status == 0)
    // The file alone.
    let child = target.pid
    try target.end()
    #expect(try run("scan", name).text.contains("10.1.2.4:9090"))
    #expect(try run("status", "\(child)").status == 2)
  }

  /// As the error about it, and every report, prints it.
  @Test func aNameThatIsNoTextIsTakenAsItIsPrinted() throws {
    let number = UInt32.random(in: 100...999)
    let child = try Child("sh", ["-c", "printf '\\377x\(number)' >/proc/$$/comm; echo ready; read x"])
    _ = try child.readLine()
    let result = try Tool.run("status", #"\xffx"# + "\(number)")
    #expect(result.text.hasPrefix("process   \(child.id) (\\xffx\(number))\n"), "\(result.text)\(result.errorText)")
  }

  @Test func aWordThatIsNeitherIsSaidToBe() throws {
    let result = try Tool.run("scan", "nosuch-\(name)")
    #expect(result.status == 2)
    #expect(result.errorText == "memdump: 'nosuch-\(name)' is neither a file here nor the name of a process.\n")
    let target = try fixture()
    let similar = try Tool.run("heap", String(name.dropLast().uppercased()))
    #expect(
      similar.errorText.contains("is neither a file here nor the name of a process. Similar are:\n  \(target.pid)  "))
  }

  /// The copy of the tool has a name of its own, that of its helper's program too.
  /// Threads of the kernel, and processes whose program we may not know, have an empty one.
  @Test(arguments: ["status", "regions", "hold", "watch"]) func anEmptyWordNamesNobody(command: String) throws {
    let result = try Tool.run(command, "")
    #expect(result.status == 64 || result.status == 2)
    #expect(result.errorText.hasPrefix("memdump: ") && !result.errorText.contains(" processes"), "\(result.errorText)")
  }

  @Test func weAndOurHelperHaveNoName() throws {
    let program = directory.file(name)
    _ = try Tool.shell("cp \"$MEMDUMP\" '\(program)'")
    for words in [["status", name], ["hold", name, "--for", "1ms"]] {
      let child = try Child(program, words)
      let result = try Tool.finish(child)
      #expect(result.status == 2)
      #expect(result.errorText == "memdump: no process has the name '\(name)'. `ps -e` lists names.\n")
    }
  }

  @Test(.enabled(if: Programs.find("bash") != nil, "there is no bash")) func theFirstWordOfACommandLineIsTheLastResort()
    throws
  {
    let child = try Child("bash", ["-c", "echo ready; exec -a '/opt/\(name)' cat"])
    _ = try child.readLine()
    #expect(waitUntil { statusField(child.id, "Name") == "cat" })
    let result = try Tool.run("status", name, "--json")
    #expect(result.text.contains("\"pid\":\(child.id),"), "\(result.errorText)")
    let target = try fixture()
    #expect(try Tool.run("status", name, "--json").text.contains("\"pid\":\(target.pid),"))
  }

  /// The kernel takes a command line from the memory of the process.
  @Test(.enabled(if: Programs.find("strace") != nil, "there is no strace")) func noMemoryIsTouchedForAName() throws {
    let target = try fixture()
    let log = directory.file("log")
    let program = Programs.path("memdump")
    let child = try Child("strace", ["-f", "-e", "trace=open,openat", "-o", log, program, "status", name])
    #expect(try Tool.finish(child).status == 0)
    let text = fileText(log) ?? ""
    #expect(text.contains("/proc/\(target.pid)/stat"))
    #expect(!text.contains("/cmdline"))
  }

  @Test(.enabled(if: canMount, "namespaces are not permitted here")) func theProcOfAnotherNamespaceIsSaidToBe() throws {
    let child = try Child("unshare", ["--pid", "--fork", "--kill-child", Programs.path("memdump"), "status", "1"])
    let result = try Tool.finish(child)
    #expect(result.status == 2)
    #expect(
      result.errorText.contains(
        #/^memdump: the /proc here is that of another PID namespace, where memdump is [0-9]+ and not 1, so that numbers there mean/#
      ),
      "\(result.errorText)")
  }

  @Test(.enabled(if: canMount, "namespaces are not permitted here")) func theNumberInItsOwnNamespaceIsTold() throws {
    let child = try Child("unshare", ["--pid", "--fork", "--kill-child", "sh", "-c", "echo ready; read x"])
    _ = try child.readLine()
    let inner = try #require(children(of: child.id).first)
    let result = try Tool.run("status", "\(inner)")
    #expect(result.text.hasPrefix("process   \(inner) (sh), 1 in its own PID namespace\n"), "\(result.text)")
    #expect(try Tool.run("status", "\(inner)", "--json").text.contains("\"namespace_pid\":1,"))
  }
}
