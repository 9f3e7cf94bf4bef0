import SystemPackage

// Every sentence of the library: what failed, on what, why, and what to try.

extension MemDumpError: CustomStringConvertible {
  /// The error in one sentence for people, or two: the second says what to try.
  public var description: String {
    switch reason {
    case .noSuchProcess(let id):
      "there is no process \(id)."
    case .notAProcess(let word, let problem):
      Self.notAProcess(word, problem)
    case .severalProcesses(let word, let candidates, let mayTakeAll, let areChildren):
      "\(Self.quoted(word)) means \(candidates.count) processes. Give the number of one, or "
        + Self.options(mayTakeAll: mayTakeAll, areChildren: areChildren) + Self.list(candidates)
    case .fileAndProcess(let word, let candidates):
      "\(Self.quoted(word)) is a file here, and the name of a process. Write ./\(EscapedText(word.utf8)) for the file, or "
        + "name:\(EscapedText(word.utf8)) for the process" + Self.list(candidates)
    case .otherNumbers(let own, let shown):
      "the /proc here is that of another PID namespace, where memdump is \(shown) and not \(own), so that numbers there mean other "
        + "processes. Mount one for this namespace (mount -t proc proc /proc), or run memdump outside."
    case .processEnded(let target):
      "process \(Self.name(target)) ended while it was looked at."
    case .processReplaced(let target):
      "process \(Self.name(target)) ran another program (execve) while it was looked at; what was read is of two programs. "
        + "Try again."
    case .access(let target, let problem):
      "cannot read process \(Self.name(target)): \(problem.reason). \(problem.remedy)"
    case .stopDenied(let target, let problem):
      "cannot stop process \(Self.name(target)), which runs as before (--mode live needs no stop): \(problem.reason). "
        + problem.remedy
    case .traced(let target, let tracer):
      "cannot stop process \(Self.name(target)): process \(tracer.id)\(Self.nameInBrackets(tracer)) traces it already. "
        + "Looks with --mode live need no stop."
    case .stop(let target, _, .outOfTime):
      "cannot stop process \(Self.name(target)): not all of its threads stood still within --max-pause; it runs as before. "
        + "Allow it more time with --max-pause, or look with --mode live, which needs no stop."
    case .stop(let target, let thread, let errno):
      "cannot stop \(thread.map { "thread \($0) of " } ?? "")process \(Self.name(target)): \(errno); it runs as before. "
        + "Looks with --mode live need no stop."
    case .holder(let errno):
      "the helper process that holds the target failed: \(errno). The target runs: the kernel lets it go when the helper ends."
    case .killTimer(let errno):
      "the helper process gets no timer that would end it if it hung (timer_create): \(errno); so it stopped nothing. "
        + "Looks with --mode live need no stop."
    case .snapshot(let target, .ended):
      "the snapshot of process \(Self.name(target)) was ended before all of it was read, because \(SnapshotProblem.ended.reason)"
        + "; the process itself is not touched by that. \(SnapshotProblem.ended.remedy)"
    case .snapshot(let target, let problem):
      "cannot make a snapshot of process \(Self.name(target)): \(problem.reason). \(problem.remedy)"
    case .rescue(let target, let problem):
      "cannot resume process \(Self.name(target)): \(problem.sentence)"
    case .events(let target, let problem):
      "cannot watch the allocations of process \(Self.name(target)): \(problem.reason). \(problem.remedy)"
    case .selector(let text, let problem):
      Self.selector(text, problem)
    case .trigger(let text, let problem):
      "\(Self.quoted(text)) is not a trigger: \(problem.reason). Give an amount, as heap>500M, or a rise, as rss>+5M/s."
    case .unknownPattern(let name, let known):
      "there is no pattern \(Self.quoted(name)). There are: \(known.joined(separator: ", "))."
    case .needles(let path, let line?, let problem):
      "line \(line) of \(Self.printable(path)) is no needle: \(problem.sentence)"
    case .needles(let path, nil, let problem):
      "\(Self.printable(path)) is no list of needles: \(problem.sentence)"
    case .expression(let text, let offset, let message):
      "\(Self.quoted(text)) is not a regular expression: \(message), at byte \(offset)."
    case .noRegexEngine:
      "this build of memdump has no engine for regular expressions. `apt-get install libpcre2-dev` and "
        + "`swift build --traits Regex` make one that has."
    case .file(let path, let action, let errno):
      Self.file(path, action, errno)
    case .noDump(let path):
      "there is no dump \(Self.printable(path)). Give the file that `memdump dump -o FILE` wrote."
    case .fileCut(let path):
      "\(Self.printable(path)) became shorter, or its disk failed, while it was looked at. Make a copy of it that nobody "
        + "writes to, and look at that."
    case .fileExists(let path):
      "\(Self.printable(path)) exists already. Choose another name, or replace it with --force."
    case .notARegularFile(let path):
      "\(Self.printable(path)) is not a regular file (a directory, link, pipe or device). Choose another name, or use - for standard "
        + "input or output."
    case .notACore(let path):
      "\(Self.printable(path)) is an ELF core, but not a 64-bit little-endian one, or its headers are damaged. To look at its "
        + "bytes as they are, send them to standard input: memdump scan - < FILE"
    case .compressed(let path, let program):
      "\(Self.printable(path)) is compressed, so nothing of its memory is seen. Write what `\(program) -dc` makes of it to a "
        + "file, and look at that; with --base 0x0 its bytes are taken as they are."
    case .fileTooLarge(let path, let byteCount):
      "a file of \(ByteSize(byteCount)), \(Self.printable(path)), is larger than its file system or `ulimit -f` permits. Choose "
        + "less memory with --region, or a directory on another file system."
    case .narrow(let process):
      "process \(Self.name(process)) is a 32-bit one, of which memdump makes no core and walks no heap. Use scan, "
        + "strings or regions, or dump one region of it."
    case .unknownLength(let path):
      "\(Self.printable(path)) does not tell its length beforehand, as files of the kernel do. Send it to standard input: "
        + "memdump scan - < FILE"
    case .baseTooHigh(let path, let byteCount):
      "\(Self.printable(path)) has \(ByteSize(byteCount)), which do not fit between that address and the end of all addresses. "
        + "Give --base the address that its first byte had."
    case .notSeekable:
      "standard input is read once only, and a heap is not walked in order. Write it to a file first."
    case .terminalOutput:
      "standard output is a terminal, and a dump is not text. Send it to a pipe or a file."
    case .diskSpace(let path, let needed, let available):
      "not enough room for \(Self.printable(path)): \(ByteSize(needed)) are needed and \(ByteSize(available)) are free. "
        + "Choose another directory, a smaller region, or send it away with -o -."
    case .workMemory(let needed):
      "memdump gets no memory for its own work (\(ByteSize(needed))). Look for what limits it (ulimit -v, memory.max of its "
        + "control group), or free some."
    case .copyMemory(let needed):
      "not enough memory for a copy of \(ByteSize(needed)). Choose a smaller region, or use --mode snapshot, which copies only "
        + "what the process writes meanwhile, or --mode live, which needs none."
    case .malformed(let name, let line):
      "line \(line) of \(EscapedText(name.utf8)) is not as it should be."
    case .manifest(let path, let why):
      "the manifest \(Self.printable(path)) cannot be used: \(why). Move it away to read the file without it, or give --base for a raw dump."
    case .noAddresses(let name, let isStream):
      isStream
        ? "pointers cannot be followed in \(Self.quoted(name)), which can be read once only. Write it to a file first."
        : "\(Self.quoted(name)) has no manifest that tells its addresses, so pointers cannot be followed in it. "
          + "Give the address of its first byte with --base, or make the dump with `memdump dump`."
    case .noRegisters(let name):
      "there are no registers of threads in \(Self.quoted(name)), without which no stack is known. Look at a process with --mode "
        + "stop, or at a core that was made in one."
    case .address(let address, .notRead):
      "the word at \(address) was not read, so that no pointer can be followed from there."
    case .address(let address, .unmapped(let from?)):
      "no memory is mapped at \(address), to which the word at \(from) leads."
    case .address(let address, .unmapped(nil)):
      "no memory is mapped at \(address). See `memdump regions`."
    case .command(let name, let errno):
      "cannot run \(Self.quoted(name)): \(errno)."
    case .thread(.notPermitted):
      "cannot start a thread, which a snapshot takes: \(Errno.notPermitted), as where a filter (seccomp) denies clone3. "
        + "Use --mode stop or live."
    case .thread(let errno):
      "cannot start a thread: \(errno). Allow memdump more threads (see ulimit -u and pids.max)."
    case .nothingSelected(let target):
      "process \(Self.name(target)) has no memory that the filter lets through. Give other bits with --filter, such as 0x33."
    case .interrupted:
      "interrupted; nothing was left behind."
    }
  }

  private static func file(_ path: FilePath, _ action: FileAction, _ errno: Errno) -> String {
    let advice: String
    switch (action, errno) {
    case (.create, .isDirectory): advice = " Give a file name in it."
    case (.create, .permissionDenied), (.create, .notPermitted), (.create, .readOnlyFileSystem):
      advice = " Choose a directory you may write to."
    case (.giveName, .notPermitted), (.giveName, .noFunction):
      advice = " A filter (seccomp) may deny linkat; send the dump away with -o -."
    case (.write, .noSpace) where path != MemDumpError.standardOutput:
      advice = " Nothing was left behind; choose another directory, or send it away with -o -."
    default: advice = ""
    }
    return "cannot \(action.rawValue) \(printable(path)): \(errno).\(advice)"
  }

  private static func notAProcess(_ word: String, _ problem: NameProblem) -> String {
    switch problem {
    case .number: "\(quoted(word)) is not a process number."
    case .unknown(let similar):
      "no process has the name \(quoted(word))."
        + (similar.isEmpty ? " `ps -e` lists names." : " Similar are" + list(similar))
    case .neither(let similar):
      "\(quoted(word)) is neither a file here nor the name of a process."
        + (similar.isEmpty ? "" : " Similar are" + list(similar))
    case .childless(1): "process \(quoted(word)) has no children."
    case .childless(let count): "none of the \(count) processes \(quoted(word)) is a child of another one."
    }
  }

  private static func options(mayTakeAll: Bool, areChildren: Bool) -> String {
    if areChildren { return "--newest" }
    return mayTakeAll ? "--newest, --children or --all-of" : "--newest or --children"
  }

  private static func list(_ candidates: [Candidate]) -> String {
    let rows = candidates.prefix(longestList).map { candidate in
      "\n  \(candidate.id)  parent \(candidate.parent), \(age(candidate.age)) old, "
        + "\(ByteSize(candidate.residentByteCount)) resident  \(cut(candidate.commandLine))"
    }
    return ":" + rows.joined()
      + (candidates.count > longestList ? "\n  and \(candidates.count - longestList) more" : "")
  }

  private static func cut(_ commandLine: [UInt8]) -> String {
    EscapedText(commandLine.prefix(60)).description + (commandLine.count > 60 ? "…" : "")
  }

  private static func selector(_ text: String, _ problem: SelectorProblem) -> String {
    switch problem {
    case .notASelector:
      "\(quoted(text)) does not name a region. Give heap, stack, largest, a kind, a NUMBER of `memdump regions`, 0xADDRESS, 0xSTART-0xEND, "
        + "0xSTART+SIZE or the name of a mapped file."
    case .endNotAfterStart:
      "\(quoted(text)) is not a range: its end is not behind its start."
    case .nothingMatches(let target):
      "\(target.map { "process \(name($0)) has" } ?? "there is") no region \(quoted(text)). "
        + "`memdump regions` lists the regions there are."
    case .severalMatch(let regions):
      "\(quoted(text)) matches \(regions.count) regions. Choose one by its number:"
        + regions.prefix(longestList).map {
          "\n  \($0.number)  \($0.start)  \(ByteSize($0.byteCount))  \($0.permissions)"
            + "  \($0.label)"
        }.joined() + (regions.count > longestList ? "\n  and \(regions.count - longestList) more" : "")
    case .unmapped(let gap, let mapped):
      "\(quoted(text)) is not mapped from \(gap.lowerBound) to \(gap.upperBound). "
        + (mapped.isEmpty
          ? "Nothing of it is mapped."
          : "Mapped are " + mapped.prefix(8).map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ") + ".")
    case .wentAway:
      "the region \(quoted(text)) went away before the process was stopped. Look at `memdump regions` again."
    }
  }

  private static func age(_ seconds: UInt64) -> String {
    switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<86400: "\(seconds / 3600) h"
    default: "\(seconds / 86400) d"
    }
  }

  private static func name(_ process: ProcessLabel) -> String { "\(process.id)\(nameInBrackets(process))" }

  private static func nameInBrackets(_ process: ProcessLabel) -> String {
    process.name.isEmpty ? "" : " (\(EscapedText(process.name)))"
  }

  private static func quoted(_ text: String) -> String { "'\(EscapedText(text.utf8))'" }

  private static func printable(_ path: FilePath) -> String { EscapedText(path.string.utf8).description }
}

extension AccessProblem {
  /// The reason why access is denied, as half a sentence.
  public var reason: String {
    switch self {
    case .noSuchProcess: "there is no such process"
    case .zombie(let parent): "it has ended, and its parent \(parent) has not asked for its exit status yet (a zombie)"
    case .kernelThread: "it is a thread of the kernel and has no memory of its own"
    case .noSystemCall: "this kernel has no process_vm_readv (CONFIG_CROSS_MEMORY_ATTACH) and shows no /proc/PID/mem"
    case .ownSeccomp: "a seccomp filter over memdump itself forbids it"
    case .yamaNoAttach: "kernel.yama.ptrace_scope is 3, which forbids it to everyone until the next boot"
    case .yamaAdminOnly: "kernel.yama.ptrace_scope is 2, which allows it with CAP_SYS_PTRACE only"
    case .yamaRestricted: "kernel.yama.ptrace_scope is 1, which allows it to the process's ancestors only"
    case .yamaHelper:
      "kernel.yama.ptrace_scope is 1, which allows it to the process's ancestors only, and memdump's helper, which has to do "
        + "it, is none"
    case .otherUser(let owner): "it belongs to user \(UserName.text(owner)), and memdump runs without CAP_SYS_PTRACE"
    case .changedRights:
      "it runs with the rights of another user or group than yours (a set-user-ID program), and memdump runs without "
        + "CAP_SYS_PTRACE"
    case .filesOfOtherUser(let owner):
      "its files under /proc belong to user \(UserName.text(owner)), and memdump has CAP_SYS_PTRACE, but not CAP_DAC_READ_SEARCH"
    case .hidden: "the mount option hidepid of /proc keeps it from all but its own user"
    case .otherUserNamespace: "it is in another user namespace, where our capabilities do not count"
    case .nonDumpable:
      "it is not dumpable: it made itself so (prctl PR_SET_DUMPABLE), changed its user, or runs a program we may not read"
    case .moreCapabilities: "it has capabilities that memdump has not"
    case .forbiddenToCapable(let errno):
      "\(errno), although memdump has CAP_SYS_PTRACE: it is in another user namespace, or a security module forbids it"
    case .unknown(let errno): "\(errno)"
    }
  }

  /// What to try when access is denied, as a sentence.
  public var remedy: String {
    switch self {
    case .noSuchProcess: "Look for it with `ps -e`."
    case .zombie: "Its memory is gone; look at what started it."
    case .kernelThread: "Choose a user process."
    case .noSystemCall: "Mount /proc, or use another kernel."
    case .ownSeccomp:
      "In a container, start it with `docker run --cap-add=SYS_PTRACE`, or run memdump on the host with the PID as seen "
        + "there."
    case .yamaNoAttach: "Boot with a lower kernel.yama.ptrace_scope."
    case .yamaAdminOnly, .otherUser, .changedRights, .filesOfOtherUser, .nonDumpable, .moreCapabilities:
      "Use sudo, or give memdump the capabilities: `sudo setcap cap_sys_ptrace,cap_dac_read_search+ep $(command -v "
        + "memdump)`; whoever may run that file can then read every process and every file."
    case .hidden: "Use sudo."
    case .yamaRestricted, .yamaHelper: "Use sudo, or `sudo sysctl kernel.yama.ptrace_scope=0`."
    case .otherUserNamespace, .forbiddenToCapable:
      "Run memdump inside that namespace (`nsenter -U -t PID`), or as root of the host."
    case .unknown: "Try sudo."
    }
  }
}

extension TriggerProblem {
  /// What is wrong with the trigger, as half a sentence.
  public var reason: String {
    switch self {
    case .noComparison: "it has no >"
    case .unknownMetric(let word, let known):
      "nothing called '\(EscapedText(word.utf8))' is measured, but "
        + known.joined(separator: ", ")
    case .notASize: "what stands behind the > is not a size"
    case .notARise: "a rise is a size and a time, s, m or h, such as +5M/s"
    }
  }
}

extension StopCause {
  /// What keeps the process from running, as half a sentence.
  public var reason: String {
    switch self {
    case .signal: "a signal stopped it (SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU)"
    case .tracer(let id, let name): "its tracer \(id) (\(name)) holds it"
    case .frozen(let file, _): "its control group is frozen (\(file))"
    }
  }

  /// What to try when a process does not run, as a sentence.
  public func remedy(_ process: ProcessID) -> String {
    switch self {
    case .signal: "`memdump rescue \(process)` resumes it."
    case .tracer: "Let it go there, or `memdump rescue --kill-tracer \(process)`."
    case .frozen(let file, let word): "Thaw it: echo \(word) > \(file)"
    }
  }
}

extension RescueProblem {
  /// What keeps the process stopped and what to try, as sentences.
  var sentence: String {
    switch self {
    case .heldByTracer(let tracer, let name):
      "its tracer \(tracer) (\(name)) holds it. Let it go there (gdb: detach or quit), or end that process with "
        + "--kill-tracer."
    case .tracerIsParent(let tracer, let name):
      "process \(tracer) (\(name)) traces it and is its parent, so it has most likely started it, and to end it would kill "
        + "both. Let it go there (gdb: detach)."
    case .frozen(let file, let word):
      "its control group is frozen, and with it every process of the group. Thaw it: echo \(word) > \(file)"
    case .cannotSignal(let process, let errno):
      "process \(process) cannot be sent a signal: \(errno). Use sudo."
    case .stillStopped:
      "it stands still although it was told to go on. `memdump status` tells what holds it."
    }
  }
}

extension SnapshotProblem {
  /// The reason why no snapshot is made, as half a sentence.
  public var reason: String {
    switch self {
    case .processor: "it is not written for this processor yet (x86_64 only)"
    case .narrow: "it is a 32-bit process"
    case .seccomp: "a seccomp filter of it could kill it for the calls that a snapshot takes"
    case .shadowStack: "it has a shadow stack, with which a thread cannot be sent elsewhere and back"
    case .userFaults: "it handles page faults of its own (userfaultfd)"
    case .reservedHugePages: "it has private huge pages of hugetlbfs, of which there may be too few for a copy"
    case .backgroundReads:
      "it reads files in the background (aio, io_uring), and before Linux 6.5 a fork can lead what is being read astray"
    case .noInstructions: "neither its program nor its libraries have the instructions that it takes"
    case .mainThreadEnded: "its main thread has ended (pthread_exit), by whose number a snapshot reads its memory"
    case .askedFiles(let kind):
      "it has a file open on a file system (\(EscapedText(kind.utf8))) that asks a server or a daemon when a child closes it"
    case .stopped: "it is stopped by a signal"
    case .asleep(let count): "\(count) of its threads did not stop, being in uninterruptible sleep"
    case .frozen: "its control group is frozen, and a child of it would be, too"
    case .noThread: "its first thread is not where it can be made to call, such as in a signal handler"
    case .deepStack:
      "its first stack has been in use to the end, so that no memory is sure to be free for what it takes"
    case .memory(let needed, let available):
      "\(ByteSize(needed)) of memory may be needed, for page tables and for what it writes meanwhile, and "
        + "\(ByteSize(available)) are there"
    case .memoryLimit(let needed, let available):
      "\(ByteSize(needed)) of memory may be needed, for page tables and for what it writes meanwhile, and its control "
        + "group has \(ByteSize(available)) left"
    case .pause(let expected, let allowed):
      "the fork may take \(Self.time(expected)), and --max-pause is \(Self.time(allowed))"
    case .refused(let errno): "the kernel let it make no child (\(errno))"
    case .unfinished(let errno, false): "a call failed half-way (\(errno)), and what was begun was undone"
    case .unfinished(let errno, true):
      "a call failed half-way (\(errno)), and a child that has ended is left, which goes when the process ends"
    case .ended: "memory ran low or the process ended"
    }
  }

  private static func time(_ nanoseconds: UInt64) -> String {
    nanoseconds < 1_000_000 ? "\(nanoseconds / 1000) µs" : "\(nanoseconds / 1_000_000) ms"
  }

  /// What to try in place of a snapshot, as a sentence.
  var remedy: String {
    switch self {
    case .noThread, .unfinished: "Try again, or use --mode stop or live."
    case .pause: "Allow it more, or use --mode stop, which keeps to it, or live, which needs no stop."
    case .stopped, .asleep, .frozen: "Use --mode stop or live."
    case .memory, .memoryLimit, .ended: "Use --mode live, which needs none, or --mode stop for a small region."
    default: "Use --mode stop or live, which run nothing in it."
    }
  }
}
