import MemDumpTestSupport
import Testing

@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct StatusCommandTests {
  @Test func aProcessThatRunsAndMayBeRead() throws {
    let target = try FixtureProcess("--threads", "3")
    let result = try Tool.run("status", "\(target.pid)")
    #expect(
      result.text.hasPrefix(
        """
        process   \(target.pid) (target-process)
        state     running, 4 threads, none stopped
        traced    no
        readable  yes
        memory    
        """))
    #expect(result.status == 0)
    let json = try Tool.run("status", "\(target.pid)", "--json")
    #expect(
      json.text
        == #"{"type":"status","pid":\#(target.pid),"name":"target-process","namespace_pid":null,"state":"running","threads":4,"#
        + #""stopped_threads":0,"tracer_pid":null,"tracer_name":null,"readable":true,"stoppable":true,"reason":null,"remedy":null}"#
        + "\n")
  }

  @Test func aStoppedProcessIsNamedAndRescued() throws {
    let target = try FixtureProcess("--threads", "2")
    target.send(signal: 19)
    #expect(waitUntil { stoppedThreadCount(target.pid) == 3 })
    let status = try Tool.run("status", "\(target.pid)")
    #expect(status.text.contains("state     stopped, 3 threads, 3 stopped"))
    #expect(status.text.contains("`memdump rescue \(target.pid)` resumes it."))
    let rescue = try Tool.run("rescue", "\(target.pid)")
    #expect(
      rescue.text == """
        process \(target.pid) (target-process) was stopped: a signal stopped it (SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU)
          told it to go on (SIGCONT)
          now: running, 3 threads, not traced

        """)
    #expect(rescue.status == 0)
    #expect(try target.complaints() == [])
  }

  @Test func aProcessThatIsNotStoppedNeedsNoRescue() throws {
    let target = try FixtureProcess()
    let result = try Tool.run("rescue", "\(target.pid)")
    #expect(result.text == "process \(target.pid) (target-process) is not stopped\n")
    #expect(result.status == 1)
  }

  @Test(.enabled(if: Programs.find("gdb") != nil, "gdb is not installed"))
  func aDebuggerThatHoldsTheProcessIsNamedAndEndedOnlyWhenAsked() throws {
    let target = try FixtureProcess("--threads", "2")
    let debugger = try Child("gdb", ["-q", "-nx", "-p", "\(target.pid)"])
    #expect(
      waitUntil(within: .seconds(60)) { stoppedThreadCount(target.pid) == 3 && tracer(target.pid) == debugger.id })
    let status = try Tool.run("status", "\(target.pid)")
    #expect(status.text.contains("traced    by \(debugger.id) (gdb)"))
    #expect(status.text.contains("held      its tracer \(debugger.id) (gdb) holds it."))
    let refused = try Tool.run("rescue", "\(target.pid)")
    #expect(refused.status == 2)
    #expect(refused.errorText.contains("its tracer \(debugger.id) (gdb) holds it."))
    #expect(stoppedThreadCount(target.pid) == 3)

    let dump = try Tool.run("hold", "\(target.pid)", "--for", "1ms")
    #expect(dump.status == 2)
    #expect(dump.errorText.contains("process \(debugger.id) (gdb) traces it already"))

    let rescue = try Tool.run("rescue", "--kill-tracer", "\(target.pid)")
    #expect(rescue.status == 0)
    #expect(rescue.text.contains("\(debugger.id) (gdb)"))
    #expect(try target.complaints() == [])
  }

  @Test func aZombieIsNamed() throws {
    let target = try FixtureProcess("--zombie-child")
    let zombie = try target.number("zombie")
    let result = try Tool.run("status", "\(zombie)")
    #expect(result.text.contains("readable  no: it has ended, and its parent \(target.pid) has not asked"))
    #expect(result.status == 1)
    for command in ["regions", "stacks", "heap", "goroutines"] {
      let result = try Tool.run(command, "\(zombie)")
      #expect(result.status == 2 && result.errorText.contains("(a zombie)"), "\(result.errorText)")
    }
  }

  @Test func aKernelThreadIsNamed() throws {
    guard fileText("/proc/2/comm") == "kthreadd\n" else { return }
    let result = try Tool.run("status", "2")
    #expect(result.text.contains("readable  no: it is a thread of the kernel"))
    #expect(result.status == 1)
    #expect(try Tool.run("dump", "2", "-r", "heap", "-o", "-").status == 2)
  }

  @Test(.enabled(if: isRoot, "needs root, to become another user")) func anotherUserIsNamedWithTheRemedy() throws {
    let target = try FixtureProcess()
    let result = try Tool.run(["status", "\(target.pid)"], user: Programs.otherUser)
    #expect(
      result.text.contains(
        "readable  no: it belongs to user 0 (root), and memdump runs without CAP_SYS_PTRACE. Use sudo, or give memdump "
          + "the capabilities"))
    #expect(result.status == 1)
    let scan = try Tool.run(["scan", "\(target.pid)"], user: Programs.otherUser)
    #expect(scan.status == 2)
    let beginning = "memdump: cannot read process \(target.pid) (target-process): it belongs to user 0 (root), "
    #expect(scan.errorText.hasPrefix(beginning))
  }

  @Test(.enabled(if: isRoot, "needs root, to become another user")) func onesOwnProcessNeedsNoRights() throws {
    let target = try FixtureProcess(["--known"], user: Programs.otherUser)
    let result = try Tool.run(["scan", "\(target.pid)"], user: Programs.otherUser)
    #expect(result.text.contains("10.1.2.3:8080"))
  }
}
