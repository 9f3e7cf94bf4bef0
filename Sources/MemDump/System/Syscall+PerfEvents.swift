internal import CProcMem
internal import Glibc
import SystemPackage

// Events of the kernel about another thread, with samples of its registers and stack; perf_event_open(2).

extension Syscall {
  /// What an event waits for.
  enum PerfSubject: Hashable {
    /// Nothing: the event owns a ring.
    case nothing
    /// That the thread comes to an instruction: a hardware breakpoint, of which a thread has four (x86).
    case execution(of: Address)
    /// That the thread touches a page that is not there.
    case pageFault(excludingKernel: Bool)
  }

  /// Opens an event of a thread, on any processor, that does not count yet. Where the kernel does not know how to end an
  /// event at execve(2), as before Linux 5.13, the event is opened without.
  ///
  /// Throws `EACCES` and `EPERM` for a lack of rights, `ENOSPC` where the thread has no free breakpoint register, `ESRCH`
  /// where it has ended.
  ///
  /// - Parameters:
  ///   - stackByteCount: how much of the stack a sample has, a multiple of 8.
  ///   - registers: which registers a sample has, a bit for each.
  static func openPerfEvent(
    _ subject: PerfSubject, of thread: ThreadID, stackByteCount: Int, registers: UInt64
  ) throws(Errno) -> Descriptor {
    var event = cprocmem_perf_event()
    event.stack_size = UInt32(stackByteCount)
    event.registers = registers
    event.excludes_kernel = 1
    event.removed_on_exec = 1
    switch subject {
    case .nothing: event.kind = CPROCMEM_PERF_DUMMY.rawValue
    case .execution(let address):
      event.kind = CPROCMEM_PERF_EXECUTION.rawValue
      event.address = address.rawValue
    case .pageFault(let excludingKernel):
      event.kind = CPROCMEM_PERF_PAGE_FAULT.rawValue
      event.excludes_kernel = excludingKernel ? 1 : 0
    }
    var file = unsafe cprocmem_perf_open(&event, thread.rawValue)
    if file == -EINVAL || file == -E2BIG {
      event.removed_on_exec = 0
      file = unsafe cprocmem_perf_open(&event, thread.rawValue)
    }
    return Descriptor(owning: FileDescriptor(rawValue: try checked(file)))
  }

  /// Has the samples of an event go to the ring of another event of the same thread; PERF_EVENT_IOC_SET_OUTPUT.
  static func sendPerfSamples(of event: FileDescriptor, to ring: FileDescriptor) throws(Errno) {
    _ = try checked(cprocmem_perf_set_output(event.rawValue, ring.rawValue))
  }

  /// Has an event count until there were so many samples; PERF_EVENT_IOC_REFRESH. The kernel disarms it then. Never a second
  /// time for an execution event: on Linux 6.18 one that came to its end and is armed again traps for ever, and counts nothing.
  static func armPerfEvent(_ event: FileDescriptor, sampleCount: Int) throws(Errno) {
    _ = try checked(cprocmem_perf_refresh(event.rawValue, CInt(clamping: sampleCount)))
  }

  /// Disarms an event; PERF_EVENT_IOC_DISABLE.
  static func disarmPerfEvent(_ event: FileDescriptor) { _ = cprocmem_perf_disable(event.rawValue) }

  /// Maps the ring of an event, behind a page of its own; mmap(2). Throws `EPERM` where that is more than may be locked.
  static func mapPerfRing(_ event: FileDescriptor, byteCount: Int) throws(Errno) -> UnsafeMutableRawPointer {
    guard
      let start = unsafe mmap(
        nil, byteCount + Int(pageSize), PROT_READ | PROT_WRITE, MAP_SHARED, event.rawValue, 0),
      unsafe start != MAP_FAILED
    else { throw Errno(rawValue: Glibc.errno) }
    return unsafe start
  }

  /// How far the kernel has written to a ring, in bytes since the ring was mapped.
  static func perfRingHead(_ start: UnsafeMutableRawPointer) -> UInt64 { unsafe cprocmem_perf_ring_head(start) }

  /// Tells the kernel how far a ring has been read.
  static func setPerfRingTail(_ start: UnsafeMutableRawPointer, _ tail: UInt64) {
    unsafe cprocmem_perf_ring_set_tail(start, tail)
  }

  /// The address of a function of ours that does nothing.
  static var trapAddress: Address {
    let function: @convention(c) () -> Void = cprocmem_perf_trap_here
    return Address(UInt64(UInt(bitPattern: unsafe unsafeBitCast(function, to: UnsafeRawPointer.self))))
  }

  /// Calls that function so often.
  static func runTraps(_ count: Int) { cprocmem_perf_run_traps(CInt(clamping: count)) }

  /// The number of the calling thread; gettid(2).
  static var ownThread: ThreadID { ThreadID(rawValue: cprocmem_own_thread()) ?? ownProcess }

  /// Raises the limit of open files of this process to what it may be; setrlimit(2).
  static func raiseFileLimit() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
