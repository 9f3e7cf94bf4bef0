import Glibc
import SystemPackage
import Testing

@testable import MemDump

@Suite struct FileWaitTests {
  /// A place that no other test asks.
  private static func place(_ number: UInt64) -> FileWait.Place { .device(0xf11e << 32 | number) }

  @Test func anAnswerComesFromAnotherThread() {
    let own = pthread_self()
    #expect(FileWait.answer(of: Self.place(1), about: []) { pthread_equal(pthread_self(), own) == 0 } == true)
  }

  /// The thread that asks waits for a pipe that nobody writes to before the end of the test.
  @Test func whatDoesNotAnswerIsLeftAndNotAskedAgain() throws {
    let (reading, writing) = try Syscall.pipe()
    let question: @Sendable () -> Bool = { Syscall.isReadable(reading, within: 600_000_000_000) }
    #expect(FileWait.answer(of: Self.place(2), about: [], within: 50_000_000, question) == nil)
    #expect(FileWait.answer(of: Self.place(2), about: []) { true } == nil)
    #expect(FileWait.answer(of: Self.place(3), about: []) { true } == true)
    try writing.close()
  }

  /// Signals for us go to the thread that waits for them; a fault whose signal is blocked would end us without a word.
  @Test func itsThreadTakesTheSignalsOfItsOwnFaultsAlone() throws {
    let faults = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT]
    let blocked = FileWait.answer(of: Self.place(4), about: []) {
      var set = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &set)
      return (1..<SIGSYS).filter { sigismember(&set, $0) == 1 }
    }
    let others = Set(1..<SIGSYS).subtracting(faults + [SIGKILL, SIGSTOP])
    #expect(Set(try #require(blocked)) == others)
  }
}
