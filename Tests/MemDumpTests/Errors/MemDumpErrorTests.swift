import SystemPackage
import Testing

@testable import MemDump

@Suite struct MemDumpErrorTests {
  /// A name that would move the cursor, end the line, turn the text around, or end the process's own name in the message.
  private static let hostile = "a\u{1b}[2J\n\r\0\u{9b}31m\u{202e})\u{7f} b"

  private static func regions(_ count: Int) throws -> [MemoryRegion] {
    let lines = (0..<count).map {
      "\(String(0x1000 + $0 * 2, radix: 16))-\(String(0x1001 + $0 * 2, radix: 16)) rw-p 0 0:0 0"
    }
    return try MapsParser.parse(Array(lines.joined(separator: "\n").utf8)).map { region in
      var region = region
      region.name = Array(hostile.utf8)
      return region
    }
  }

  private static func candidates(_ count: Int, _ id: ProcessID) -> [MemDumpError.Candidate] {
    (0..<count).map {
      MemDumpError.Candidate(
        id: id, parent: 1, age: UInt64($0) * 5000, residentByteCount: 1 << 20,
        commandLine: Array(hostile.utf8) + [0xff, 0xc3])
    }
  }

  /// Each reason there is, with the worst names that can stand in it.
  private static func reasons() throws -> [MemDumpError.Reason] {
    let id = Syscall.ownProcess
    let target = try TargetProcess(id).label
    let path = FilePath(hostile.replacing("\0", with: ""))
    let range = Range<Address>(0x1000, 0x2000)
    let accesses: [AccessProblem] = [
      .noSuchProcess, .zombie(parent: 1), .kernelThread, .noSystemCall, .ownSeccomp, .yamaNoAttach, .yamaAdminOnly,
      .yamaRestricted, .yamaHelper, .otherUser(owner: 33), .changedRights, .filesOfOtherUser(owner: 33), .hidden,
      .otherUserNamespace, .nonDumpable, .moreCapabilities,
      .forbiddenToCapable(.notPermitted), .unknown(.notPermitted),
    ]
    let name = EscapedText(hostile.utf8).description
    let rescues: [RescueProblem] = [
      .heldByTracer(id, name: name), .tracerIsParent(id, name: name), .frozen(file: "/sys/fs/cgroup/x", word: "0"),
      .cannotSignal(id, .notPermitted), .stillStopped,
    ]
    let snapshots: [SnapshotProblem] = [
      .processor, .narrow, .seccomp, .shadowStack, .userFaults, .reservedHugePages, .backgroundReads, .noInstructions,
      .mainThreadEnded, .askedFiles("fuse"), .stopped, .asleep(3),
      .noThread, .frozen, .deepStack, .unfinished(.notPermitted, leavesChild: true),
      .unfinished(.ioError, leavesChild: false),
      .memory(needed: 1 << 40, available: 5), .memoryLimit(needed: 1 << 40, available: 5),
      .pause(expected: 1 << 40, allowed: 5), .refused(.noMemory), .ended,
    ]
    let events: [EventProblem] = [
      .processor, .notConfigured, .noBreakpoints, .paranoid(4), .ownFilter, .access(.nonDumpable),
      .access(.zombie(parent: 1)), .otherRights, .tooManyThreads(10_000, limit: 512), .files,
      .refused(.invalidArgument),
    ]
    let selectors: [MemDumpError.SelectorProblem] = [
      .notASelector, .endNotAfterStart, .nothingMatches(nil), .nothingMatches(target),
      .severalMatch(try regions(2).map(\.line)), .severalMatch(try regions(30).map(\.line)),
      .unmapped(range, mapped: []),
      .unmapped(range, mapped: Array(repeating: range, count: 20)), .wentAway,
    ]
    let needles: [NeedleProblem] = [
      .noNeedle, .tooLarge(limit: 16 << 20), .tooMany(limit: 65_536), .longLine(limit: 16_384),
      .longNeedle(limit: 4096),
      .empty, .nul, .notText, .notBytes, .notAName, .nameAlone, .patternName("url"), .sameName("token", line: 3),
      .sameNeedle(line: 3),
    ]
    let files: [(MemDumpError.FileAction, Errno)] = [
      (.open, .noSuchFileOrDirectory), (.open, .permissionDenied), (.read, .ioError), (.create, .isDirectory),
      (.create, .permissionDenied), (.create, .readOnlyFileSystem), (.write, .noSpace), (.write, .brokenPipe),
      (.rename, .fileExists), (.examine, .notPermitted),
    ]
    return [
      .noSuchProcess(id), .notAProcess(hostile, .number), .notAProcess(hostile, .unknown([])),
      .notAProcess(hostile, .unknown(candidates(1, id))), .notAProcess(hostile, .neither([])),
      .notAProcess(hostile, .neither(candidates(30, id))), .notAProcess(hostile, .childless(1)),
      .notAProcess(hostile, .childless(3)),
      .severalProcesses(hostile, candidates(30, id), mayTakeAll: true, areChildren: false),
      .severalProcesses(hostile, candidates(2, id), mayTakeAll: false, areChildren: false),
      .severalProcesses(hostile, candidates(2, id), mayTakeAll: false, areChildren: true),
      .fileAndProcess(hostile, candidates(1, id)), .otherNumbers(id, shown: 4711), .noDump(path),
      .processEnded(target), .processReplaced(target),
      .traced(target, by: target), .stop(target, thread: nil, .notPermitted), .stop(target, thread: id, .notPermitted),
      .stop(target, thread: id, .outOfTime),
      .holder(.noMemory), .killTimer(.notPermitted), .unknownPattern(hostile, known: ["ipv4-port", "other"]),
      .fileCut(path), .fileExists(path),
      .trigger(hostile, .noComparison), .trigger(hostile, .unknownMetric(hostile, known: ["heap", "rss"])),
      .trigger(hostile, .notASize),
      .trigger(hostile, .notARise),
      .expression(hostile, offset: 3, "missing closing parenthesis"), .noRegexEngine,
      .notARegularFile(path), .notACore(path), .compressed(path, program: "zstd"), .unknownLength(path),
      .baseTooHigh(path, byteCount: 7), .notSeekable,
      .fileTooLarge(path, byteCount: 1 << 44), .narrow(target),
      .terminalOutput,
      .diskSpace(path, needed: 1 << 40, available: 5),
      .copyMemory(needed: 1 << 40), .workMemory(needed: 1 << 20),
      .noRegisters(hostile), .address(Address(8), .notRead), .address(Address(8), .unmapped(from: nil)),
      .address(Address(8), .unmapped(from: Address(16))), .noAddresses(hostile, isStream: true),
      .noAddresses(hostile, isStream: false),
      .malformed(hostile, line: 3), .manifest(path, "it is of another dump"), .command(hostile, .noSuchFileOrDirectory),
      .interrupted, .thread(.resourceTemporarilyUnavailable), .thread(.notPermitted), .nothingSelected(target),
      .stopDenied(target, .ownSeccomp), .stopDenied(target, .yamaHelper),
    ] + accesses.map { .access(target, $0) } + rescues.map { .rescue(target, $0) }
      + snapshots.map { .snapshot(target, $0) } + events.map { .events(target, $0) }
      + needles.flatMap { [.needles(path, line: 7, $0), .needles(path, line: nil, $0)] }
      + selectors.map { .selector(hostile, $0) } + files.map { .file(path, $0, $1) }
  }

  /// The name of a reason; a new one does not compile here until it has an example above.
  private static func kind(_ reason: MemDumpError.Reason) -> String {
    switch reason {
    case .noSuchProcess: "noSuchProcess"
    case .notAProcess: "notAProcess"
    case .severalProcesses: "severalProcesses"
    case .fileAndProcess: "fileAndProcess"
    case .otherNumbers: "otherNumbers"
    case .noDump: "noDump"
    case .processEnded: "processEnded"
    case .processReplaced: "processReplaced"
    case .access: "access"
    case .traced: "traced"
    case .stop: "stop"
    case .holder: "holder"
    case .killTimer: "killTimer"
    case .stopDenied: "stopDenied"
    case .snapshot: "snapshot"
    case .rescue: "rescue"
    case .events: "events"
    case .selector: "selector"
    case .trigger: "trigger"
    case .unknownPattern: "unknownPattern"
    case .needles: "needles"
    case .expression: "expression"
    case .noRegexEngine: "noRegexEngine"
    case .noAddresses: "noAddresses"
    case .address: "address"
    case .noRegisters: "noRegisters"
    case .file: "file"
    case .fileCut: "fileCut"
    case .fileExists: "fileExists"
    case .notARegularFile: "notARegularFile"
    case .notACore: "notACore"
    case .compressed: "compressed"
    case .unknownLength: "unknownLength"
    case .baseTooHigh: "baseTooHigh"
    case .notSeekable: "notSeekable"
    case .terminalOutput: "terminalOutput"
    case .diskSpace: "diskSpace"
    case .fileTooLarge: "fileTooLarge"
    case .narrow: "narrow"
    case .copyMemory: "copyMemory"
    case .workMemory: "workMemory"
    case .malformed: "malformed"
    case .manifest: "manifest"
    case .command: "command"
    case .interrupted: "interrupted"
    case .thread: "thread"
    case .nothingSelected: "nothingSelected"
    }
  }

  private static func texts() throws -> [String] { try reasons().map { MemDumpError($0).description } }

  @Test func everyReasonHasAnExampleHere() throws {
    #expect(Set(try Self.reasons().map(Self.kind)).count == 47)
  }

  /// What failed, and what to try: one sentence or two. A list may follow, or a command to type.
  @Test func everyReasonIsOneSentenceOrTwo() throws {
    for text in try Self.texts() {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let first = try #require(lines.first)
      if lines.count > 1 {
        #expect(first.hasSuffix(":"), "\(text)")
      } else {
        let endsWithCommand = first.contains("Thaw it: echo ") || first.hasSuffix(": memdump scan - < FILE")
        #expect(first.hasSuffix(".") || endsWithCommand, "\(text)")
      }
      let sentences = first.split(separator: ". ")
      #expect((1...2).contains(sentences.count), "\(text)")
      #expect(first.first?.isUppercase == false || first.hasPrefix("'"), "it follows 'memdump: '. \(text)")
      #expect(!text.contains("Optional") && !text.contains("  .") && !text.contains(".."), "\(text)")
    }
  }

  /// A newline stands only before a line of a list, which is indented.
  @Test func nothingATerminalObeysStandsInAMessage() throws {
    for text in try Self.texts() {
      let scalars = Array(text.replacing("\n  ", with: "").unicodeScalars)
      #expect(
        scalars.allSatisfy { $0.properties.generalCategory != .control && !$0.properties.isBidiControl },
        "\(text.debugDescription)")
      #expect(scalars.count < 4000)
    }
  }

  /// A process chooses its own name, at most 15 bytes of anything.
  @Test func aHostileNameOfAProcessIsEscaped() async {
    await #expect(processExitsWith: .success) {
      let file = try FileDescriptor.open(ProcFS.ownPath(.comm), .writeOnly)
      try file.writeAll(Array("x\u{1b}[2J) \u{202e}y".utf8))
      let target = try TargetProcess(Syscall.ownProcess).label
      #expect(target.name == Array("x\u{1b}[2J) \u{202e}y".utf8))
      let reasons: [MemDumpError.Reason] = [
        .processEnded(target), .processReplaced(target), .access(target, .kernelThread), .traced(target, by: target),
        .stop(target, thread: nil, .notPermitted), .rescue(target, .stillStopped),
        .selector("heap", .nothingMatches(target)),
      ]
      for reason in reasons {
        let text = MemDumpError(reason).description
        #expect(text.contains("(x\\x1b[2J) \\u{202e}y)"), "\(text.debugDescription)")
        #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
      }
    }
  }

  @Test func longListsAreCut() throws {
    let several = MemDumpError(.selector("x", .severalMatch(try Self.regions(30).map(\.line)))).description
    #expect(several.split(separator: "\n").count == 22)
    #expect(several.hasSuffix("\n  and 10 more"))
    let candidates = Self.candidates(23, Syscall.ownProcess)
    let processes = MemDumpError(
      .severalProcesses("nginx", candidates, mayTakeAll: false, areChildren: false)
    ).description
    #expect(processes.split(separator: "\n").count == 22)
    #expect(processes.hasSuffix("\n  and 3 more"))
    #expect(processes.contains("0 s old") && processes.contains("1 h old") && processes.contains("1 d old"))
  }

  @Test func aMessageSaysWhatToTry() {
    let missing = MemDumpError(.file("nginx", .open, .noSuchFileOrDirectory)).description
    #expect(missing == "cannot open nginx: No such file or directory.")
    let path = MemDumpError(.file("/tmp/x", .open, .noSuchFileOrDirectory)).description
    #expect(path == "cannot open /tmp/x: No such file or directory.")
    let exists = MemDumpError(.fileExists("leak.bin")).description
    #expect(exists == "leak.bin exists already. Choose another name, or replace it with --force.")
    let pattern = MemDumpError(.unknownPattern("ip", known: ["a", "b"])).description
    #expect(pattern == "there is no pattern 'ip'. There are: a, b.")
  }

  @Test func everyAccessProblemSaysWhyAndWhatToTry() throws {
    for reason in try Self.reasons() {
      guard case .access(_, let problem) = reason else { continue }
      #expect(!problem.reason.isEmpty && !problem.reason.hasSuffix("."), "half a sentence: \(problem.reason)")
      #expect(problem.remedy.hasSuffix(".") && problem.remedy.first?.isUppercase == true, "\(problem.remedy)")
    }
  }

  // MARK: For programs

  @Test func codesAndCausesTellWhatHappened() throws {
    let target = try TargetProcess(Syscall.ownProcess).label
    let cases: [(MemDumpError.Reason, MemDumpError.Code, Errno?)] = [
      (.noSuchProcess(target.id), .noSuchProcess, nil),
      (.access(target, .noSuchProcess), .noSuchProcess, nil),
      (.access(target, .kernelThread), .accessDenied, nil),
      (.access(target, .unknown(.ioError)), .accessDenied, .ioError),
      (.access(target, .forbiddenToCapable(.ioError)), .accessDenied, .ioError),
      (.processEnded(target), .processEnded, nil),
      (.processReplaced(target), .processReplaced, nil),
      (.traced(target, by: target), .stopFailed, nil),
      (.stop(target, thread: nil, .notPermitted), .stopFailed, .notPermitted),
      (.holder(.noMemory), .stopFailed, .noMemory),
      (.killTimer(.notPermitted), .stopFailed, .notPermitted),
      (.rescue(target, .stillStopped), .rescueFailed, nil),
      (.selector("x", .notASelector), .badSelector, nil),
      (.unknownPattern("x", known: []), .unknownPattern, nil),
      (.file("x", .read, .ioError), .file, .ioError),
      (.fileCut("x"), .file, nil), (.fileExists("x"), .file, nil), (.notARegularFile("x"), .file, nil),
      (.notSeekable, .file, nil),
      (.terminalOutput, .file, nil),
      (.fileTooLarge("x", byteCount: 2), .file, nil), (.narrow(target), .unsupported, nil),
      (.diskSpace("x", needed: 2, available: 1), .noSpace, nil), (.copyMemory(needed: 1), .noSpace, nil),
      (.workMemory(needed: 1), .noSpace, nil),
      (.malformed("x", line: 1), .malformed, nil), (.manifest("x", "y"), .malformed, nil),
      (.notACore("x"), .malformed, nil), (.address(Address(8), .notRead), .noAddress, nil),
      (.command("x", .noSuchFileOrDirectory), .command, .noSuchFileOrDirectory),
    ]
    for (reason, code, cause) in cases {
      #expect(MemDumpError(reason).code == code)
      #expect(MemDumpError(reason).cause == cause)
    }
  }

  @Test func onlyABrokenPipeIsABrokenPipe() {
    #expect(MemDumpError.output(.brokenPipe).isBrokenPipe)
    #expect(!MemDumpError.output(.noSpace).isBrokenPipe)
    #expect(!MemDumpError(.terminalOutput).isBrokenPipe)
    #expect(!MemDumpError(.holder(.brokenPipe)).isBrokenPipe)
    #expect(!MemDumpError(.file("dump", .write, .brokenPipe)).isBrokenPipe)
  }
}
