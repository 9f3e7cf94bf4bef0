import MemDump
import MemDumpTestSupport
import Testing

extension Stopping {
  /// Threads that sleep in a system call while the process is stopped.
  @Suite("A system call that sleeps while its process is stopped", .enabled(if: canSnapshot, "the repair is x86_64"))
  struct BlockedCallTests {
    private func stopAndResume(_ calls: BlockedCalls, times: Int = 1) throws {
      let target = try TargetProcess(try #require(ProcessID(rawValue: calls.pid)))
      for _ in 0..<times {
        // A thread that waits for the disk, for a page of its program, is not waited for.
        let hasStopped = try (0..<5).contains { _ in
          let stopped = try Holder.launch().stop(target, budget: Stopping.budget)
          let count = stopped.stoppedThreadCount
          _ = try stopped.resume()
          return count == calls.count + 1
        }
        #expect(hasStopped)
      }
    }

    /// Those that return EINTR after any stop.
    static let interrupted = [
      "epoll_wait", "epoll_wait-timeout", "epoll_pwait2", "recv-timeout", "semop", "semtimedop", "sigtimedwait",
      "io_getevents", "read-socket", "readv-socket", "recvmsg-timeout", "recvmmsg-timeout", "splice-socket",
      "write-socket", "writev-socket", "send-timeout", "sendmmsg-timeout", "sendfile-socket", "io_uring_enter",
      "io_uring_enter-timeout", "ppoll-constant",
    ]
    /// Which of them there are on a kernel that may have no io_uring.
    private static func interrupted(of calls: BlockedCalls) throws -> [String] {
      let all = try calls.all()
      return interrupted.filter(all.contains)
    }

    @Test("None of 39 calls returns EINTR, however often it is stopped, and all of them return when they should")
    func matrix() throws {
      let calls = try BlockedCalls()
      #expect(calls.count == 39 || calls.count == 37)
      try stopAndResume(calls, times: 10)
      pass(microseconds: 100_000)
      #expect(try calls.early() == [])
      #expect(try calls.wake() == [])
    }

    @Test("A stop without repair makes 21 of them return EINTR, and this would be seen")
    func control() throws {
      let calls = try BlockedCalls()
      let other = try Child(Programs.path("attach-control"), ["hold", "\(calls.pid)"])
      #expect(try other.readLine() == "held")
      other.closeInput()
      _ = try other.wait()
      let expected = try Self.interrupted(of: calls)
      #expect(try waitUntil { try calls.early().count >= expected.count })
      #expect(try calls.early() == expected)
    }

    /// Those that return EINTR after a signal handler without SA_RESTART; the handler has to run before they go on.
    @Test("A signal that comes before, in or after the stop makes a call return EINTR as ever", arguments: [0, 1, 2])
    func signals(moment: Int) throws {
      let names = [
        "epoll_wait", "epoll_pwait2", "recv-timeout", "semop", "sigtimedwait", "io_getevents", "pause", "read-socket",
        "write-socket",
      ]
      let calls = try BlockedCalls(names)
      let target = try TargetProcess(try #require(ProcessID(rawValue: calls.pid)))
      for number in 1...3 {
        let holder = try Holder.launch()
        if moment == 0, number == 2 { calls.send("signal") }
        let stopped = try holder.stop(target, budget: Stopping.budget)
        if moment == 1, number == 2 {
          #expect(try Child(Programs.path("attach-control"), ["signal", "\(calls.pid)"]).wait() == .status(0))
        }
        _ = try stopped.resume()
        if moment == 2, number == 2 { calls.send("signal") }
      }
      if moment == 1 {
        #expect(try waitUntil { try calls.early().count == names.count })
      } else {
        #expect(try calls.answer() == ["\(names.count)", "\(names.count)"])
      }
      #expect(try Set(calls.early()) == Set(names))
    }
  }
}
