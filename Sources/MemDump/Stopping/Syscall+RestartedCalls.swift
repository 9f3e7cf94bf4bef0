internal import CProcMem
internal import SystemPackage

// The holder's messages about calls that were made again.

extension Syscall {
  static func requestWaitsEnd(
    _ socket: FileDescriptor, _ process: ProcessID, _ calls: [RestartedCall]
  ) throws(Errno) {
    try sendMessage(
      socket,
      cprocmem_waits_end_request(
        type: CPROCMEM_MESSAGE_WAITS_END.rawValue, pid: process.rawValue, waits: cprocmem_waits(calls)))
  }

  /// Receives the calls that still wait, and the number of threads that were stopped.
  static func receiveWaitsEnd(
    _ socket: FileDescriptor, timeout: UInt64
  ) throws(Errno) -> (calls: [RestartedCall], stopped: Int) {
    let raw = try receiveMessage(socket, cprocmem_waits_end_report(), timeout: timeout)
    if let error = reportedError(raw.error) { throw error }
    return (try restartedCalls(raw.waits), Int(raw.stopped))
  }

  static func restartedCalls(_ raw: cprocmem_waits) throws(Errno) -> [RestartedCall] {
    guard raw.count <= UInt32(CPROCMEM_WAIT_LIMIT) else { throw .protocolError }
    return unsafe withUnsafeBytes(of: raw.items) { bytes in
      unsafe bytes.bindMemory(to: cprocmem_wait.self).prefix(Int(raw.count)).map { wait in
        RestartedCall(
          thread: wait.tid, startedOver: wait.started_over != 0, switchCount: wait.switches, waited: wait.waited_ns,
          deadline: wait.end_ns)
      }
    }
  }
}

extension cprocmem_waits {
  init(_ calls: [RestartedCall]) {
    self.init()
    let kept = calls.prefix(Int(CPROCMEM_WAIT_LIMIT))
    count = UInt32(kept.count)
    unsafe withUnsafeMutableBytes(of: &items) { bytes in
      let waits = unsafe bytes.bindMemory(to: cprocmem_wait.self)
      for (index, call) in kept.enumerated() {
        unsafe waits[index] = cprocmem_wait(
          tid: call.thread, started_over: call.startedOver ? 1 : 0, switches: call.switchCount, waited_ns: call.waited,
          end_ns: call.deadline)
      }
    }
  }
}
