import Glibc
import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

/// What the tool makes of messages that no holder sends: an error each, at once.
@Suite struct HolderMessagesTests {
  /// A report of the holder, its size, and how it is read.
  private struct Report: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var byteCount: Int
    var receive: @Sendable (FileDescriptor, UInt64) throws(Errno) -> Void
  }

  private static let gadgets = Gadgets(call: Address(0x1000), restorers: [])
  /// The size of what is told of calls that started over.
  private static let waitsByteCount = 8 + 128 * 32
  /// The size of the report that comes unasked.
  private static let resumeByteCount = 24 + waitsByteCount

  private static let reports = [
    Report(testDescription: "stop", byteCount: 40) { (socket, timeout) throws(Errno) in
      _ = try Syscall.receiveStop(socket, timeout: timeout)
    },
    Report(testDescription: "resume", byteCount: resumeByteCount) { (socket, timeout) throws(Errno) in
      _ = try Syscall.receiveResume(socket, timeout: timeout)
    },
    Report(testDescription: "snapshot", byteCount: 16) { (socket, timeout) throws(Errno) in
      _ = try Syscall.receiveSnapshot(socket, gadgets, timeout: timeout)
    },
    Report(testDescription: "snapshot end", byteCount: 8 + waitsByteCount) { (socket, timeout) throws(Errno) in
      _ = try Syscall.receiveSnapshotEnd(socket, timeout: timeout)
    },
    Report(testDescription: "end of waits", byteCount: 8 + waitsByteCount) { (socket, timeout) throws(Errno) in
      _ = try Syscall.receiveWaitsEnd(socket, timeout: timeout)
    },
    Report(testDescription: "registers", byteCount: 8) { (socket, timeout) throws(Errno) in
      _ = try Syscall.receiveRegisters(socket, timeout: timeout)
    },
  ]

  private static let second: UInt64 = 1_000_000_000

  /// A socket to a holder that has sent these messages, and closed its end where `isOver`.
  private static func reading(
    _ messages: [[UInt8]], isOver: Bool = false, _ body: (FileDescriptor) throws(Errno) -> Void
  ) -> Errno? {
    var ends: [CInt] = [-1, -1]
    guard socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0, &ends) == 0 else { return .badFileDescriptor }
    for message in messages { #expect(message.withUnsafeBytes { send(ends[1], $0.baseAddress, $0.count, 0) } >= 0) }
    // The request for registers still finds somebody.
    if isOver { shutdown(ends[1], CInt(SHUT_WR)) }
    defer { for end in ends { close(end) } }
    do throws(Errno) { try body(FileDescriptor(rawValue: ends[0])) } catch { return error }
    return nil
  }

  @Test(arguments: reports) private func aMessageOfAnotherSizeIsAnError(report: Report) {
    for byteCount in Array(1...200) + [Self.resumeByteCount] where byteCount != report.byteCount {
      let message = [UInt8](repeating: 0, count: byteCount)
      let error = Self.reading([message]) { (socket) throws(Errno) in try report.receive(socket, Self.second) }
      #expect(error == (byteCount == Self.resumeByteCount ? .outOfTime : .protocolError), "\(byteCount) bytes")
    }
  }

  @Test(arguments: reports) private func nonsenseIsAReportOrAnError(report: Report) {
    var generator = SeededGenerator(seed: UInt64(report.byteCount))
    for _ in 0..<(isFullRun ? 2000 : 500) {
      let bytes: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
      let message = (0..<report.byteCount).map { _ in bytes[Int.random(in: 0..<5, using: &generator)] }
      let error = Self.reading([message]) { (socket) throws(Errno) in try report.receive(socket, Self.second) }
      #expect(error.map { $0.rawValue > 0 } ?? true)
    }
  }

  @Test(arguments: reports) private func aHolderThatSaysNothingIsNotWaitedForForEver(report: Report) {
    let started = Syscall.monotonicTime
    let error = Self.reading([]) { (socket) throws(Errno) in try report.receive(socket, 20_000_000) }
    #expect(error == .timedOut)
    #expect(Syscall.monotonicTime - started < 30 * Self.second)
  }

  @Test(arguments: reports) private func aHolderThatIsGoneIsAnErrorAtOnce(report: Report) {
    let error = Self.reading([], isOver: true) { (socket) throws(Errno) in try report.receive(socket, 600 * Self.second)
    }
    #expect(error == .connectionReset)
  }

  @Test(arguments: reports) private func anEmptyMessageIsAnError(report: Report) {
    let error = Self.reading([[]]) { (socket) throws(Errno) in try report.receive(socket, Self.second) }
    #expect(error == .connectionReset)
  }

  /// The first four bytes of a report are an error, or the reason of a resume.
  @Test(arguments: reports) private func aNumberThatIsNoErrorIsNotTakenForOne(report: Report) {
    for number in [UInt8(0x80), 0xff] {
      let message = [0, 0, 0, number] + [UInt8](repeating: 1, count: report.byteCount - 4)
      let error = Self.reading([message]) { (socket) throws(Errno) in
        if report.testDescription == "stop" {
          if let error = try Syscall.receiveStop(socket, timeout: Self.second).error { throw error }
        } else if report.testDescription == "snapshot" {
          if let error = try Syscall.receiveSnapshot(socket, Self.gadgets, timeout: Self.second).error { throw error }
        } else {
          try report.receive(socket, Self.second)
        }
      }
      #expect(error == .protocolError)
    }
  }

  @Test func aSnapshotHasAThreadAndAChild() {
    for message: [Int32] in [[0, 0, 5, 5], [0, 5, 0, 5], [0, -5, 5, 5], [0, 5, -1, 5]] {
      let bytes = message.flatMap { number in withUnsafeBytes(of: number) { Array($0) } }
      let error = Self.reading([bytes]) { (socket) throws(Errno) in
        _ = try Syscall.receiveSnapshot(socket, Self.gadgets, timeout: Self.second)
      }
      #expect(error == .protocolError, "\(message)")
    }
  }

  @Test func registersWithoutAFileAreAnError() {
    let error = Self.reading([[0, 0, 0, 0, 1, 0, 0, 0]]) { (socket) throws(Errno) in
      _ = try Syscall.receiveRegisters(socket, timeout: Self.second)
    }
    #expect(error == .protocolError)
  }

  /// A holder whose time is up sends its report and ends, whatever request is on its way.
  @Test(arguments: [true, false]) func whatItSaidLastIsReadThoughItReadNoRequest(isAskedInTime: Bool) throws {
    var ends: [CInt] = [-1, -1]
    try #require(socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    defer { close(ends[0]) }
    let socket = FileDescriptor(rawValue: ends[0])
    var report = [UInt8](repeating: 0, count: Self.resumeByteCount)
    report[0] = 1
    #expect(send(ends[1], report, report.count, 0) == report.count)
    if isAskedInTime {
      try Syscall.requestRelease(socket)
      close(ends[1])
    } else {
      #expect(send(ends[0], [1, 0, 0, 0] as [UInt8], 4, 0) == 4)
      close(ends[1])
      try Syscall.requestRelease(socket)
    }
    #expect(try Syscall.receiveResume(socket, timeout: Self.second).pause.end == .timeUp)
  }

  @Test func moreCallsThanThereIsRoomForAreAnError() {
    for count: UInt32 in [0, 1, 128, 129, .max] {
      let numbers: [UInt32] = [0, 0, count, 0]
      let head = numbers.flatMap { number in withUnsafeBytes(of: number) { Array($0) } }
      let message = head + [UInt8](repeating: 1, count: Self.waitsByteCount - 8)
      let error = Self.reading([message]) { (socket) throws(Errno) in
        #expect(try Syscall.receiveWaitsEnd(socket, timeout: Self.second).calls.count == Int(count))
      }
      #expect(error == (count <= 128 ? nil : .protocolError), "\(count)")
    }
  }

  @Test func theErrorIsASentence() {
    #expect(
      MemDumpError(.holder(.protocolError)).description
        == "the helper process that holds the target failed: Protocol error. The target runs: the kernel lets it go when the"
        + " helper ends.")
  }
}
