import MemDump

/// The text of /proc/PID/status. Numbers that do not fit end at their limit, so none is negative.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let status = ProcessStatus(parsing: Array(UnsafeBufferPointer(start: start, count: count)))
  precondition(status.parent >= 0 && status.tracer >= 0 && status.threadGroup >= 0)
  precondition(status.threadCount >= 0 && status.seccomp >= 0)
  precondition(status.name.count <= count && !status.name.contains(0x0a) || status.name.count < count)
  return 0
}
