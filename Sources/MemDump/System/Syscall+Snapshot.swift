internal import CProcMem
internal import Glibc
import SystemPackage

// The messages about a copy-on-write child; see cprocmem_holder.h.

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
    return SnapshotReport(
      error: raw.error == 0 ? nil : Errno(rawValue: raw.error), thread: ThreadID(rawValue: raw.thread),
      child: raw.child, innerChild: raw.inner_child, forkTime: raw.forking_ns, gadgets: gadgets)
  }

  static func requestSnapshotEnd(
    _ socket: FileDescriptor, _ process: ProcessID, _ report: SnapshotReport
  ) throws(Errno) {
    var request = cprocmem_snapshot_end_request()
    request.type = CPROCMEM_MESSAGE_SNAPSHOT_END.rawValue
    request.pid = process.rawValue
    request.thread = report.thread?.rawValue ?? process.rawValue
    (request.child, request.inner_child) = (report.child, report.innerChild)
    request.gadgets = report.gadgets.raw
    try sendMessage(socket, request)
  }

  /// Throws what kept the holder from it.
  static func receiveSnapshotEnd(_ socket: FileDescriptor, timeout: UInt64) throws(Errno) {
    let raw = try receiveMessage(socket, cprocmem_snapshot_end_report(), timeout: timeout)
    if raw.error != 0 { throw Errno(rawValue: raw.error) }
  }

  /// Sends a signal to what may have ended; pidfd_send_signal(2).
  static func kill(_ processFile: FileDescriptor, _ signal: CInt) throws(Errno) {
    let error = cprocmem_pidfd_kill(processFile.rawValue, signal)
    if error != 0 { throw Errno(rawValue: -error) }
  }
}

extension Gadgets {
  fileprivate var raw: cprocmem_gadgets {
    func restorer(_ index: Int) -> UInt64 { index < restorers.count ? restorers[index].rawValue : 0 }
    return cprocmem_gadgets(
      call: call.rawValue, restorers: (restorer(0), restorer(1), restorer(2), restorer(3)))
  }
}
