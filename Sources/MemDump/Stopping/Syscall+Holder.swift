internal import CProcMem
internal import Glibc
internal import SystemPackage

// MARK: The holder

extension Syscall {
  /// Forks the holder; see cprocmem_holder.h. Returns memdump's end of the holder's socket.
  static func startHolder() throws(Errno) -> (socket: FileDescriptor, process: ProcessID) {
    var process: pid_t = 0
    let socket = try unsafe checked(cprocmem_holder_start(&process))
    guard let id = ProcessID(rawValue: process) else { throw .noSuchProcess }
    return (FileDescriptor(rawValue: socket), id)
  }

  /// Waits until the holder has ended.
  static func reapHolder(_ process: ProcessID) { _ = cprocmem_holder_reap(process.rawValue) }

  static func requestStop(
    _ socket: FileDescriptor, _ process: ProcessID, settle: UInt64, hold: UInt64, _ calls: [RestartedCall]
  ) throws(Errno) {
    try sendMessage(
      socket,
      cprocmem_stop_request(
        type: CPROCMEM_MESSAGE_STOP.rawValue, pid: process.rawValue, settle_ns: settle, hold_ns: hold,
        waits: cprocmem_waits(calls)))
  }

  static func receiveStop(_ socket: FileDescriptor, timeout: UInt64) throws(Errno) -> StopReport {
    let raw = try receiveMessage(socket, cprocmem_stop_report(), timeout: timeout)
    if raw.is_unprepared != 0, raw.lacks_timer == 0, let error = reportedError(raw.error) { throw error }
    return StopReport(
      error: reportedError(raw.error), errorThread: ThreadID(rawValue: raw.error_thread),
      lacksTimer: raw.lacks_timer != 0,
      stopped: Int(raw.stopped), groupStopped: Int(raw.group_stopped), running: Int(raw.running),
      interruptedAt: raw.interrupted_ns, stoppedAt: raw.stopped_ns)
  }

  /// The largest registers of a thread, in bytes (with AMX they are 11 KB), and those of all threads.
  private static let (largestRecord, mostOfRecords): (UInt64, UInt64) = (1 << 16, 4 << 30)

  /// Asks for the registers of every stopped thread, all of them or the general ones alone.
  static func requestRegisters(_ socket: FileDescriptor, general: Bool) throws(Errno) {
    let type = general ? CPROCMEM_MESSAGE_GENERAL_REGISTERS : CPROCMEM_MESSAGE_REGISTERS
    do throws(Errno) { try sendMessage(socket, type.rawValue) } catch {
      // A holder that is gone, or has let go, tells that in place of the registers.
      if error != .brokenPipe, error != .connectionReset { throw error }
    }
  }

  /// Receives the registers that were asked for: the records of cprocmem_holder.h.
  static func receiveRegisters(_ socket: FileDescriptor, timeout: UInt64) throws(Errno) -> [UInt8] {
    guard try waitForInput([socket], until: monotonicTime &+ timeout).first == true else { throw .timedOut }
    var report = cprocmem_registers_report()
    let file = Descriptor(
      owning: FileDescriptor(rawValue: try checked(unsafe cprocmem_receive_registers(socket.rawValue, &report))))
    let byteCount = try attributes(file.file).byteCount
    guard byteCount <= min(UInt64(report.records) * largestRecord, mostOfRecords) else { throw .protocolError }
    return try bytes(file.file, 0..<byteCount)
  }

  /// Asks the holder to let go. A holder that did so before has a report waiting, and reads no request any more.
  static func requestRelease(_ socket: FileDescriptor) throws(Errno) {
    do throws(Errno) { try sendMessage(socket, CPROCMEM_MESSAGE_RELEASE.rawValue) } catch {
      // A holder that lives lets go when it sees that nothing more will come.
      endSending(socket)
      if error != .brokenPipe, error != .connectionReset { throw error }
    }
  }

  static let resumeReportByteCount = MemoryLayout<cprocmem_resume_report>.size
  /// Receives the pause, and the calls that have started over.
  static func receiveResume(
    _ socket: FileDescriptor, timeout: UInt64
  ) throws(Errno) -> (pause: Pause, calls: [RestartedCall]) {
    let raw = try receiveMessage(socket, cprocmem_resume_report(), timeout: timeout)
    let end: Pause.End =
      switch raw.reason {
      case CPROCMEM_RESUME_REQUESTED.rawValue: .requested
      case CPROCMEM_RESUME_TIME_UP.rawValue: .timeUp
      case CPROCMEM_RESUME_TARGET_GONE.rawValue: .targetGone
      default: throw .protocolError
      }
    let pause = Pause(end: end, startedAt: 0, releasedAt: raw.releasing_ns, endedAt: raw.released_ns)
    return (pause, try restartedCalls(raw.waits))
  }
}

// MARK: The holder's messages about a copy-on-write child

extension Syscall {
  static func requestSnapshot(_ socket: FileDescriptor, _ gadgets: Gadgets) throws(Errno) {
    var request = cprocmem_snapshot_request()
    request.type = CPROCMEM_MESSAGE_SNAPSHOT.rawValue
    request.gadgets = gadgets.raw
    try sendMessage(socket, request)
  }

  static func receiveSnapshot(
    _ socket: FileDescriptor, _ gadgets: Gadgets, timeout: UInt64
  ) throws(Errno) -> SnapshotReport {
    let raw = try receiveMessage(socket, cprocmem_snapshot_report(), timeout: timeout)
    if raw.error == 0, raw.child <= 0 { throw .protocolError }
    return SnapshotReport(
      error: reportedError(raw.error), isTried: raw.is_tried != 0, isAnswer: raw.is_answer != 0, child: raw.child,
      innerChild: raw.inner_child, gadgets: gadgets)
  }

  static func requestSnapshotEnd(
    _ socket: FileDescriptor, _ process: ProcessID, _ report: SnapshotReport, _ calls: [RestartedCall]
  ) throws(Errno) {
    var request = cprocmem_snapshot_end_request()
    request.type = CPROCMEM_MESSAGE_SNAPSHOT_END.rawValue
    request.pid = process.rawValue
    (request.child, request.inner_child) = (report.child, report.innerChild)
    request.gadgets = report.gadgets.raw
    request.waits = cprocmem_waits(calls)
    try sendMessage(socket, request)
  }

  /// Receives the calls that have started over, where no trace of the child is left. Throws what kept the holder from
  /// taking the child away.
  static func receiveSnapshotEnd(_ socket: FileDescriptor, timeout: UInt64) throws(Errno) -> [RestartedCall] {
    let raw = try receiveMessage(socket, cprocmem_snapshot_end_report(), timeout: timeout)
    if let error = reportedError(raw.error) { throw error }
    return try restartedCalls(raw.waits)
  }
}

extension Gadgets {
  fileprivate var raw: cprocmem_gadgets {
    func restorer(_ index: Int) -> UInt64 { index < restorers.count ? restorers[index].rawValue : 0 }
    return cprocmem_gadgets(
      call: call.rawValue, restorers: (restorer(0), restorer(1), restorer(2), restorer(3)))
  }
}
