import SystemPackage

/// The ring that the kernel writes the samples of a thread's events to; an event that waits for nothing owns it.
///
/// The mapping and the event go with the value.
@safe struct PerfRing: ~Copyable {
  private let owner: Descriptor
  private let start: UnsafeMutableRawPointer
  /// The size of the ring, in bytes: a power of 2.
  let byteCount: Int
  private var tail: UInt64 = 0

  /// Opens a ring for the events of a thread. Throws `EPERM` where that is more memory than may be locked.
  init(of thread: ThreadID, byteCount: Int, registers: UInt64) throws(Errno) {
    let owner = try Syscall.openPerfEvent(.nothing, of: thread, stackByteCount: 8, registers: registers)
    let start = try unsafe Syscall.mapPerfRing(owner.file, byteCount: byteCount)
    self.owner = owner
    unsafe self.start = unsafe start
    self.byteCount = byteCount
  }

  /// Has the samples of an event of the same thread go to the ring.
  func take(samplesOf event: FileDescriptor) throws(Errno) { try Syscall.sendPerfSamples(of: event, to: owner.file) }

  /// Takes what was written since the last time, and gives the room back.
  mutating func drain(into bytes: inout [UInt8]) {
    let head = unsafe Syscall.perfRingHead(start)
    let count = head &- tail
    guard count > 0 else { return }
    if count <= UInt64(byteCount) {
      let data = unsafe UnsafeRawBufferPointer(start: start + Int(pageSize), count: byteCount)
      let first = Int(tail % UInt64(byteCount))
      let end = min(byteCount, first + Int(count))
      unsafe bytes.append(contentsOf: data[first..<end])
      unsafe bytes.append(contentsOf: data[..<(Int(count) - (end - first))])
    }
    tail = head
    unsafe Syscall.setPerfRingTail(start, head)
  }

  deinit { unsafe Syscall.unmapMemory(start, byteCount: byteCount + Int(pageSize)) }
}
