import Glibc
import MemDump
import MemDumpAsync
import MemDumpTestSupport
import Synchronization
import Testing

@Suite struct TaskTests {
  @Test func workGivesItsResult() async throws {
    let id = try #require(ProcessID(rawValue: getpid()))
    let count = try await WorkControl.inTask { (_) throws(MemDumpError) in
      try LiveMemory(TargetProcess(id)).regions.count
    }
    #expect(count > 10)
  }

  @Test func whatWorkThrowsIsThrown() async throws {
    let id = try #require(ProcessID(rawValue: .max))
    await #expect {
      try await WorkControl.inTask { (_) throws(MemDumpError) in try TargetProcess(id).id }
    } throws: { error in
      (error as? MemDumpError)?.code == .noSuchProcess && (error as? MemDumpError)?.process == id
    }
  }

  @Test(.timeLimit(.minutes(5))) func aCancelledTaskEndsItsWork() async throws {
    let (starts, start) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      try await WorkControl.inTask { control in
        start.yield()
        // Work that would never end by itself.
        while !control.isStopped { Syscall.sleep(nanoseconds: 1_000_000) }
        return 7
      }
    }
    var begun = starts.makeAsyncIterator()
    await begun.next()
    task.cancel()
    #expect(try await task.value == 7)
  }

  @Test(.timeLimit(.minutes(5))) func aTaskThatIsCancelledBeforeItsWorkEndsItToo() async throws {
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await WorkControl.inTask { control in
        while !control.isStopped { Syscall.sleep(nanoseconds: 1_000_000) }
        return true
      }
    }
    task.cancel()
    #expect(try await task.value)
  }
}
