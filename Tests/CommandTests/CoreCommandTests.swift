import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

/// Cores as other tools see them: debuggers, readers of ELF, gcore.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here")) struct CoreCommandTests {
  private let target: FixtureProcess
  private let directory: TemporaryDirectory
  private var core: String { directory.file("core") }
  private static let program = Programs.path("target-process")

  init() throws {
    target = try FixtureProcess("--known", "--holes", "--shared", "--file", "--heap", "256K", "--threads", "3")
    directory = try TemporaryDirectory()
  }

  private func dump(mode: String = "stop") throws {
    let result = try Tool.run(["dump", "\(target.pid)", "--all", "-o", core] + modeWords(mode))
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.text.contains("  registers of 4 threads\n"))
    #expect(try target.complaints() == [])
  }

  private func run(_ words: String...) throws -> Tool.Result {
    try Tool.finish(try Child(words[0], Array(words.dropFirst()), environment: ["DEBUGINFOD_URLS": ""]))
  }

  /// What the process itself has there, read by code of our own.
  private func live(_ range: Range<Address>) throws -> [UInt8] {
    let file = try FileDescriptor.open("/proc/\(target.pid)/mem", .readOnly)
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: Int(range.byteCount))
    let count = try bytes.withUnsafeMutableBytes {
      try file.read(fromAbsoluteOffset: Int64(range.lowerBound.rawValue), into: $0)
    }
    return Array(bytes[..<count])
  }

  @Test(.enabled(if: has("gdb"), "gdb is not installed"), arguments: canSnapshot ? ["stop", "snapshot"] : ["stop"])
  func gdbSeesThreadsFilesAndMemory(mode: String) throws {
    try dump(mode: mode)
    let known = try target.region("known")
    let file = try target.region("file")
    let code = try #require(
      LiveMemory(target.target()).regions.first { $0.permissions.contains(.execute) && $0.label.contains("libc.so") })
    let start = code.range.lowerBound + 0x1000
    let ranges = [known, file, start..<(start + 0x2000)]
    var words = ["gdb", "-batch", "-nx", "-ex", "thread apply all backtrace", "-ex", "info proc mappings"]
    for (index, range) in ranges.enumerated() {
      words += ["-ex", "dump binary memory \(directory.file("m\(index)")) \(range.lowerBound) \(range.upperBound)"]
    }
    let result = try Tool.finish(
      try Child(words[0], Array(words.dropFirst()) + ["-c", core, Self.program], environment: ["DEBUGINFOD_URLS": ""]))
    for thread in threadStates(target.pid).keys { #expect(result.text.contains("(LWP \(thread))"), "\(thread)") }
    #expect(result.text.matches(of: #/ in (?:__GI_)?(?:__)?clock_nanosleep|__GI___clock_nanosleep/#).count >= 3)
    #expect(result.text.contains(" main ("))
    #expect(result.text.matches(of: #/ start_thread /#).count >= 3)
    let mapped = Set(try LiveMemory(target.target()).regions.filter { $0.inode != 0 }.map(\.label))
    for name in mapped { #expect(result.text.contains(name), "\(name)") }
    for (index, range) in ranges.enumerated() {
      #expect(holds(directory.file("m\(index)"), try live(range)), "\(range)")
    }
    #expect(holds(directory.file("m0"), FixtureContent.known))
  }

  @Test(.enabled(if: has("readelf"), "binutils are not installed")) func readelfHasNothingToSay() throws {
    try dump()
    let segments = try run("readelf", "-lhW", core)
    #expect(segments.status == 0 && segments.errorText == "")
    #expect(segments.text.contains("CORE (Core file)"))
    let notes = try run("readelf", "-nW", core)
    #expect(notes.errorText == "")
    for (note, count) in [("NT_PRSTATUS", 4), ("NT_FPREGSET", 4), ("NT_PRPSINFO", 1), ("NT_AUXV", 1), ("NT_FILE", 1)] {
      #expect(notes.text.split(separator: "\n").count { $0.contains(note) } == count, "\(note)")
    }
  }

  @Test(.enabled(if: has("eu-readelf", "eu-stack"), "elfutils are not installed")) func elfutilsReadIt() throws {
    try dump()
    let notes = try run("eu-readelf", "-n", core)
    #expect(notes.status == 0 && notes.errorText == "")
    #expect(notes.text.contains("pid: \(target.pid)"))
    #expect(notes.text.contains("fname: target-process"))
    #expect(notes.text.contains("psargs: \(Self.program)"))
    let stacks = try run("eu-stack", "--core", core, "-e", Self.program)
    for thread in threadStates(target.pid).keys { #expect(stacks.text.contains("TID \(thread):"), "\(thread)") }
    #expect(stacks.text.split(separator: "\n").count { $0.hasSuffix(" beat") } == 3)
    #expect(stacks.text.split(separator: "\n").count { $0.hasSuffix(" main") } == 1)
  }

  @Test(.enabled(if: has("gcore"), "gcore is not installed")) func gcoreHasTheSameBytes() throws {
    target.send(signal: 19)
    #expect(waitUntil { Set(threadStates(target.pid).values) == ["T"] })
    defer { target.send(signal: 18) }
    let result = try Tool.run("dump", "\(target.pid)", "--all", "--mode", "stop", "-o", core)
    #expect(result.status == 0)
    _ = try run("gcore", "-o", directory.file("gcore"), "\(target.pid)")
    let (ours, theirs) = (
      try CoreFile(FilePath(core)), try CoreFile(FilePath(directory.file("gcore.\(target.pid)")))
    )
    var compared: UInt64 = 0
    for region in ours.regions {
      for other in theirs.regions where other.range.overlaps(region.range) {
        let range = region.range.clamped(to: other.range)
        let (mine, others) = (try ours.contents(range), try theirs.contents(range))
        guard mine.runs.allSatisfy({ $0.content == .bytes || $0.content == .absent }),
          others.runs.allSatisfy({ $0.content == .bytes || $0.content == .absent })
        else { continue }
        #expect(mine.bytes.elementsEqual(others.bytes) as Bool, "\(region.label) \(range)")
        compared += range.byteCount
      }
    }
    #expect(compared > 1 << 20)
    // And the scan reads both.
    for path in [core, directory.file("gcore.\(target.pid)")] {
      #expect(try Tool.run("scan", path, "--find", "10.1.2.3:8080", "--each").text.contains("10.1.2.3:8080"))
    }
  }

  @Test func severalRegionsAreACoreToo() throws {
    let known = try target.region("known").lowerBound
    let result = try Tool.run("dump", "\(target.pid)", "-r", "heap", "-r", "\(known)", "-r", "stack", "-o", core)
    #expect(result.status == 0)
    #expect(result.text.contains("core of 3 regions of \(target.pid)"))
    #expect(result.text.contains("  registers none: a process that runs has none to show; see --mode stop\n"))
    #expect(try CoreFile(FilePath(core)).contents(target.region("known")).bytes == FixtureContent.known)
    let json = try Tool.run(
      "dump", "\(target.pid)", "-r", "heap", "--format", "core", "--json", "-o", directory.file("j"))
    #expect(json.text.contains(#""format":"core","mode":"live""#))
    #expect(json.text.contains(#""registers":"none""#))
  }

  @Test func theFilterChoosesTheMemory() throws {
    let anonymous = try Tool.run("dump", "\(target.pid)", "--all", "--filter", "0x1", "-o", core)
    #expect(anonymous.status == 0)
    let read = try CoreFile(FilePath(core))
    #expect(try read.contents(target.region("known")).bytes == FixtureContent.known)
    #expect(try read.contents(target.region("shared")).runs.map(\.content) == [.unread(.notInFile)])
    let none = try Tool.run("dump", "\(target.pid)", "--all", "--filter", "0x40", "-r", "heap", "-o", core, "--force")
    #expect(none.status == 64)
  }

  @Test(arguments: ["live", "stop"]) func aStreamIsTheSameFile(mode: String) throws {
    target.send(signal: 19)
    #expect(waitUntil { Set(threadStates(target.pid).values) == ["T"] })
    defer { target.send(signal: 18) }
    let words = ["dump", "\(target.pid)", "--all"] + modeWords(mode) + ["-o"]
    #expect(try Tool.run(words + [core]).status == 0)
    let stream = try Tool.run(words + ["-"])
    #expect(stream.status == 0)
    #expect(holds(core, stream.output))
    #expect(stream.errorText.contains(" untouched (zeros)"))
  }

  @Test func whatIsMissingIsSaid() throws {
    try dump()
    let bytes = try #require(fileBytes(core))
    let cut = try directory.write(Array(bytes.prefix(bytes.count / 2)), to: "cut")
    for words in [["heap", cut], ["stacks", cut], ["refs", cut, "--size", "32"], ["diff", cut, core]] {
      let result = try Tool.run(words)
      #expect(
        result.errorText.contains("cut is cut short: the rest of it is missing: there may be more than is told"),
        "\(words) \(result.errorText)")
      let whole = try Tool.run(words.map { $0 == cut ? core : $0 })
      #expect(!whole.errorText.contains("cut short"))
    }
  }

  /// Of what a core only claims to have, nothing is made room for.
  @Test func aSegmentMayClaimAnySize() throws {
    try dump()
    let bytes = try #require(fileBytes(core))
    func number(_ place: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }
    let (start, count) = (number(32, 8), number(56, 2))
    var damaged = 0
    for header in (0..<count).map({ start + $0 * 56 }) {
      // PT_LOAD that can be written to, whose memory is all there.
      guard number(header, 4) == 1, number(header + 4, 4) & 2 != 0, number(header + 32, 8) > 0, damaged < 6 else {
        continue
      }
      damaged += 1
      var changed = bytes
      changed.replaceSubrange(header + 40..<header + 48, with: (0..<8).map { $0 == 5 ? 0x20 : 0 })
      let path = try directory.write(changed, to: "damaged")
      for words in ["heap", "refs --all", "diff '\(path)'"] {
        let result = try Tool.shell("ulimit -v 4000000; timeout 60 \"$MEMDUMP\" \(words) '\(path)'")
        #expect([0, 1].contains(result.status), "\(header) \(words): \(result.status) \(result.errorText)")
      }
    }
    #expect(damaged > 3)
  }
}
