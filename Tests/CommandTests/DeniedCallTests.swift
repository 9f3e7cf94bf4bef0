import MemDumpTestSupport
import Testing

#if arch(x86_64)
  /// System calls that a filter denies to memdump, as old container profiles and old kernels do.
  @Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct DeniedCallTests {
    private static let (notPermitted, noFunction) = (1, 38)
    private static let (ptrace, kill, timerCreate, linkat) = (101, 62, 222, 265)
    private static let (memfdCreate, clone3) = (319, 435)
    private static let (readMemory, writeMemory) = (310, 311)
    private static let (pidfdSendSignal, pidfdOpen, closeRange) = (424, 434, 436)

    /// Runs memdump with calls denied.
    private func run(_ error: Int, _ calls: [Int], _ arguments: [String]) throws -> Tool.Result {
      let list = calls.map(String.init).joined(separator: ",")
      let line = "exec '\(Programs.path("attach-control"))' deny \(error) \(list) \"$MEMDUMP\" "
      return try Tool.shell(line + arguments.joined(separator: " "))
    }

    @Test(
      "A snapshot needs none of the newer calls, no right to send signals, and no process_vm_readv",
      arguments: [
        (noFunction, [pidfdOpen, pidfdSendSignal, closeRange]), (notPermitted, [pidfdOpen, pidfdSendSignal]),
        (notPermitted, [kill, pidfdSendSignal]), (notPermitted, [readMemory, writeMemory]),
        (noFunction, [readMemory, writeMemory]),
      ])
    func snapshot(error: Int, calls: [Int]) throws {
      let target = try FixtureProcess("--known", "--threads", "2", "--signals")
      let region = try target.region("known")
      let began = ContinuousClock.now
      let result = try run(
        error, calls, ["dump", "\(target.pid)", "--mode", "snapshot", "--region", "\(region.lowerBound)", "-o", "-"])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.output == FixtureContent.known)
      // Where the child was waited for that nobody had killed, five seconds passed.
      #expect(ContinuousClock.now - began < .seconds(4))
      #expect(children(of: target.pid).isEmpty)
      #expect(try target.complaints() == [])
    }

    @Test("ptrace that is denied is said before a stop is tried, and after")
    func tracing() throws {
      let target = try FixtureProcess("--heap", "1M")
      let reason = "a seccomp filter over memdump itself forbids it"
      for error in [Self.notPermitted, Self.noFunction] {
        let status = try run(error, [Self.ptrace], ["status", "\(target.pid)"])
        #expect(status.text.contains("readable  yes\nstoppable no: \(reason)"))
        #expect(status.status == 0)
        let json = try run(error, [Self.ptrace], ["status", "\(target.pid)", "--json"])
        #expect(json.text.contains(#""readable":true,"stoppable":false,"#))
        let heap = try run(error, [Self.ptrace], ["heap", "\(target.pid)"])
        #expect(heap.status == 2)
        #expect(heap.errorText.contains("cannot stop process \(target.pid) (target-process), which runs as before"))
        #expect(heap.errorText.contains("(--mode live needs no stop): \(reason)"))
        let live = try run(error, [Self.ptrace], ["heap", "\(target.pid)", "--mode", "live"])
        #expect([0, 4].contains(live.status), "\(live.errorText)")
      }
      #expect(try target.complaints() == [])
    }

    @Test("The call that gives a dump its name is named where it is denied")
    func linking() throws {
      let target = try FixtureProcess("--known")
      let directory = try TemporaryDirectory()
      let file = directory.path + "/dump"
      let result = try run(
        Self.notPermitted, [Self.linkat], ["dump", "\(target.pid)", "--region", "largest", "-o", file])
      #expect(result.status == 2)
      #expect(result.errorText.contains("cannot give a name to \(file).json: Operation not permitted. A filter"))
      #expect(directory.names.isEmpty)
    }

    @Test(
      "Registers come by another file in memory where memfd_create is denied", arguments: [notPermitted, noFunction])
    func registers(error: Int) throws {
      let target = try FixtureProcess("--known", "--threads", "2")
      let directory = try TemporaryDirectory()
      let arguments = ["dump", "\(target.pid)", "--all", "--mode", "stop", "--json", "-o", directory.file("core")]
      let result = try run(error, [Self.memfdCreate], arguments)
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.text.contains(#""threads_with_registers":3"#))
      #expect(try target.complaints() == [])
    }

    @Test(
      "Without a thread there is no snapshot, since nobody could watch over memory; that is said, and nothing is left")
    func threads() throws {
      let target = try FixtureProcess("--known")
      let arguments = ["dump", "\(target.pid)", "--mode", "snapshot", "--region", "largest", "-o", "-"]
      let result = try run(Self.notPermitted, [Self.clone3], arguments)
      #expect(result.status == 2)
      #expect(
        result.errorText.hasPrefix("memdump: cannot start a thread, which a snapshot takes: Operation not permitted,"))
      #expect(children(of: target.pid).isEmpty)
      #expect(try target.complaints() == [])
    }

    @Test("A holder that can have no kill timer holds nothing, and says that it is it")
    func timer() throws {
      let target = try FixtureProcess("--threads", "1")
      let result = try run(Self.notPermitted, [Self.timerCreate], ["hold", "\(target.pid)", "--for", "1ms"])
      #expect(result.status == 2)
      #expect(
        result.errorText.contains("the helper process gets no timer that would end it if it hung (timer_create): "))
      #expect(try target.complaints() == [])
    }
  }
#endif
