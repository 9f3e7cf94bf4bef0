import Synchronization
import Testing

@testable import MemDump

@Suite struct ConcurrentWorkTests {
  private struct Failure: Error, Equatable { var number: Int }

  @Test(arguments: [0, 1, 2, 8]) func eachNumberHasItsTurn(threads: Int) {
    let counts = Mutex([Int](repeating: 0, count: 1000))
    Syscall.concurrently(forEach: 1000, threads: threads) { number in counts.withLock { $0[number] += 1 } }
    #expect(counts.withLock { $0 } == Array(repeating: 1, count: 1000))
    Syscall.concurrently(forEach: 0, threads: threads) { _ in Issue.record("There is nothing to do.") }
  }

  @Test(arguments: [1, 4]) func resultsAreInOrder(threads: Int) throws {
    #expect(Syscall.results(forEach: 100, threads: threads) { $0 * $0 } == (0..<100).map { $0 * $0 })
    let error = #expect(throws: Failure.self) {
      _ = try Syscall.results(forEach: 100, threads: threads) { (number) throws(Failure) -> Int in
        if number % 10 == 7 { throw Failure(number: number) }
        return number
      }
    }
    #expect(error == Failure(number: 7))
  }
}
