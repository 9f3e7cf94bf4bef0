internal import CProcMem
internal import Glibc
package import SystemPackage

/// The size of a page, in bytes.
package let pageSize = UInt64(sysconf(Int32(_SC_PAGESIZE)))

/// The system calls of the library, one function each: the only place that calls C.
///
/// Nothing here decides anything. A call that fails throws its `Errno`.
package enum Syscall {
  /// Runs a call of swift-system, which throws nothing but `Errno`.
  package static func typed<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
    do { return try body() } catch { throw error as? Errno ?? .ioError }
  }

  /// Turns the answer of the C shim, a value or -errno, into a value or an error.
  private static func checked<Value: SignedInteger>(_ value: Value) throws(Errno) -> Value {
    guard value < 0 else { return value }
    throw Errno(rawValue: CInt(-value))
  }

  /// Turns the answer of a call of the C library, 0 or not, into an error.
  static func checkedErrno(_ value: CInt) throws(Errno) {
    guard value == 0 else { throw Errno(rawValue: Glibc.errno) }
  }
}

// MARK: Memory of our own

extension Syscall {
  /// Maps private memory and touches every page of it; mmap(2) with MAP_POPULATE.
  static func mapMemory(byteCount: Int) throws(Errno) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | CInt(MAP_POPULATE)
    guard byteCount > 0, let start = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
      unsafe start != MAP_FAILED
    else { throw byteCount > 0 ? Errno(rawValue: Glibc.errno) : .invalidArgument }
    return unsafe start
  }

  /// Gives memory back; munmap(2).
  static func unmapMemory(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    _ = unsafe munmap(start, byteCount)
  }
}

// MARK: Reading a process

extension Syscall {
  /// A stretch of memory to read and where in our buffer it goes.
  package struct Transfer {
    package var address: Address
    package var offset: Int
    package var byteCount: Int
    package init(address: Address, offset: Int, byteCount: Int) {
      (self.address, self.offset, self.byteCount) = (address, offset, byteCount)
    }
  }

  /// The most transfers one call takes (IOV_MAX is 1024; more than 64 gain nothing).
  package static let transferLimit = 64

  /// Reads up to 64 stretches at once; process_vm_readv(2). Returns the bytes read, counted over the stretches in
  /// order: fewer where a later page cannot be read.
  package static func read(
    _ process: ProcessID, _ transfers: ArraySlice<Transfer>, into buffer: inout MutableRawSpan
  ) throws(Errno) -> Int {
    let count = min(transfers.count, transferLimit)
    return try unsafe buffer.withUnsafeMutableBytes { (bytes: UnsafeMutableRawBufferPointer) throws(Errno) -> Int in
      try unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2 * transferLimit) {
        (vectors: UnsafeMutableBufferPointer<iovec>) throws(Errno) -> Int in
        guard let base = bytes.baseAddress, let local = vectors.baseAddress else { return 0 }
        for (index, transfer) in transfers.prefix(count).enumerated() {
          precondition(transfer.offset >= 0 && transfer.offset + transfer.byteCount <= bytes.count)
          unsafe vectors[index] = iovec(iov_base: base + transfer.offset, iov_len: transfer.byteCount)
          unsafe vectors[transferLimit + index] = iovec(
            iov_base: UnsafeMutableRawPointer(bitPattern: UInt(transfer.address.rawValue)),
            iov_len: transfer.byteCount)
        }
        return try unsafe checked(
          cprocmem_readv(process.rawValue, local, count, local + transferLimit, count))
      }
    }
  }

  /// Reads from a place in a file, as much as there is up to the buffer's size; pread(2).
  package static func read(
    _ file: FileDescriptor, at offset: UInt64, into buffer: inout MutableRawSpan
  ) throws(Errno) -> Int {
    try unsafe buffer.withUnsafeMutableBytes { (bytes: UnsafeMutableRawBufferPointer) throws(Errno) -> Int in
      while true {
        // Not FileDescriptor.read: /proc/PID/mem takes addresses above Int64.max, which only the raw call lets pass.
        let count = unsafe pread(file.rawValue, bytes.baseAddress, bytes.count, off_t(truncatingIfNeeded: offset))
        if count >= 0 { return count }
        guard Glibc.errno == EINTR else { throw Errno(rawValue: Glibc.errno) }
      }
    }
  }

  /// Writes the whole of `bytes` at a place in a file; pwrite(2).
  package static func write(_ bytes: RawSpan, to file: FileDescriptor, at offset: UInt64) throws(Errno) {
    try typed {
      try unsafe bytes.withUnsafeBytes { buffer in
        _ = try unsafe file.writeAll(toAbsoluteOffset: Int64(offset), buffer)
      }
    }
  }

  /// Writes the whole of `bytes` to a file or pipe; write(2).
  package static func write(_ bytes: RawSpan, to file: FileDescriptor) throws(Errno) {
    try typed { try unsafe bytes.withUnsafeBytes { buffer in _ = try unsafe file.writeAll(buffer) } }
  }

  /// Reads what comes next from a file or pipe; read(2).
  package static func read(_ file: FileDescriptor, into buffer: inout MutableRawSpan) throws(Errno) -> Int {
    try unsafe buffer.withUnsafeMutableBytes { (bytes: UnsafeMutableRawBufferPointer) throws(Errno) -> Int in
      try typed { try unsafe file.read(into: bytes) }
    }
  }
}

// MARK: Pages

extension Syscall {
  /// The pages of an open /proc/PID/pagemap that are there; PAGEMAP_SCAN. Returns the runs and where to go on.
  /// Throws ENOTTY before Linux 6.7.
  static func scanPages(
    _ pagemap: FileDescriptor, _ range: Range<Address>, limit pageLimit: UInt64
  ) throws(Errno) -> (runs: [PageMap.Run], next: Address) {
    let capacity = 512
    return try unsafe withUnsafeTemporaryAllocation(of: cprocmem_page_run.self, capacity: capacity) {
      (buffer: UnsafeMutableBufferPointer<cprocmem_page_run>) throws(Errno) -> ([PageMap.Run], Address) in
      var next: UInt64 = 0
      let count = try unsafe checked(
        cprocmem_pagemap_scan(
          pagemap.rawValue, range.lowerBound.rawValue, range.upperBound.rawValue, pageLimit == .max ? 0 : pageLimit,
          buffer.baseAddress, capacity, &next))
      let runs = unsafe buffer.prefix(count).map { run in
        PageMap.Run(
          range: Address(run.start)..<Address(max(run.start, run.end)),
          isSwapped: run.categories & UInt64(CPROCMEM_PAGE_SWAPPED) != 0)
      }
      return (runs, Address(next))
    }
  }
}

// MARK: Scan kernels

extension Syscall {
  /// See cprocmem_scan.h.
  static var ipv4PortReach: Int { Int(CPROCMEM_IPV4_PORT_REACH) }

  /// Finds `a.b.c.d:port` whose colon lies in `from ..< to`.
  static func scanIPv4Port(
    _ bytes: RawSpan, from: inout Int, to: Int, allowsPortZero: Bool, wantsWholeWord: Bool,
    into matches: inout MatchList
  ) {
    precondition(from >= 0 && from <= to && to <= bytes.byteCount && bytes.byteCount <= UInt32.max)
    let options = (allowsPortZero ? CPROCMEM_SCAN_PORT_ZERO : 0) | (wantsWholeWord ? CPROCMEM_SCAN_WORD : 0)
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe matches.fill { storage, capacity in
        unsafe storage.withMemoryRebound(to: cprocmem_match.self, capacity: capacity) { pointer in
          unsafe cprocmem_scan_ipv4_port(
            buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count, &from, to, UInt32(options), pointer,
            capacity)
        }
      }
    }
  }
}

// MARK: The holder

extension Errno {
  /// ETIME: what the holder says when threads did not stop within the time.
  static var outOfTime: Errno { Errno(rawValue: Glibc.ETIME) }
}

extension Syscall {
  /// Forks the holder; see cprocmem_holder.h. Returns our end of its socket.
  static func startHolder() throws(Errno) -> (socket: FileDescriptor, process: ProcessID) {
    var process: pid_t = 0
    let socket = try unsafe checked(cprocmem_holder_start(&process))
    guard let id = ProcessID(rawValue: process) else { throw .noSuchProcess }
    return (FileDescriptor(rawValue: socket), id)
  }

  /// Waits until the holder has ended.
  static func reapHolder(_ process: ProcessID) { _ = cprocmem_holder_reap(process.rawValue) }

  static func requestStop(
    _ socket: FileDescriptor, _ process: ProcessID, settle: UInt64, hold: UInt64
  ) throws(Errno) {
    try sendMessage(
      socket, cprocmem_stop_request(pid: process.rawValue, reserved: 0, settle_ns: settle, hold_ns: hold))
  }

  static func receiveStop(_ socket: FileDescriptor, timeout: UInt64) throws(Errno) -> StopReport {
    let raw = try receiveMessage(socket, cprocmem_stop_report(), timeout: timeout)
    return StopReport(
      error: raw.error == 0 ? nil : Errno(rawValue: raw.error), errorThread: ThreadID(rawValue: raw.error_thread),
      stopped: Int(raw.stopped), groupStopped: Int(raw.group_stopped), running: Int(raw.running),
      interruptedAt: raw.interrupted_ns, stoppedAt: raw.stopped_ns)
  }

  /// A holder that let go by itself before has a report waiting, and does not read this any more.
  static func requestRelease(_ socket: FileDescriptor) throws(Errno) {
    do throws(Errno) { try sendMessage(socket, UInt8(0)) } catch { if error != .brokenPipe { throw error } }
  }

  static func receiveResume(_ socket: FileDescriptor, timeout: UInt64) throws(Errno) -> Pause {
    let raw = try receiveMessage(socket, cprocmem_resume_report(), timeout: timeout)
    let end: Pause.End =
      switch Int(raw.reason) {
      case Int(CPROCMEM_RESUME_TIME_UP.rawValue): .timeUp
      case Int(CPROCMEM_RESUME_TARGET_GONE.rawValue): .targetGone
      default: .requested
      }
    return Pause(end: end, startedAt: 0, releasedAt: raw.releasing_ns, endedAt: raw.released_ns)
  }

  private static func sendMessage<Message: BitwiseCopyable>(
    _ socket: FileDescriptor, _ message: Message
  ) throws(Errno) {
    let count = unsafe withUnsafeBytes(of: message) { bytes in
      unsafe send(socket.rawValue, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
    }
    guard count == MemoryLayout<Message>.size else { throw Errno(rawValue: Glibc.errno) }
  }

  private static func receiveMessage<Message: BitwiseCopyable>(
    _ socket: FileDescriptor, _ empty: Message, timeout: UInt64
  ) throws(Errno) -> Message {
    let deadline = monotonicTime &+ timeout
    guard try waitForInput([socket], until: deadline).first == true else { throw .timedOut }
    var message = empty
    let count = unsafe withUnsafeMutableBytes(of: &message) { bytes in
      unsafe recv(socket.rawValue, bytes.baseAddress, bytes.count, 0)
    }
    guard count >= 0 else { throw Errno(rawValue: Glibc.errno) }
    guard count == MemoryLayout<Message>.size else { throw .connectionReset }
    return message
  }

  /// Waits until one of the files can be read from, or has ended; poll(2). Tells for each whether it has.
  package static func waitForInput(_ files: [FileDescriptor], until deadline: UInt64) throws(Errno) -> [Bool] {
    var entries = files.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
    while true {
      let now = monotonicTime
      let left = deadline > now ? min((deadline - now) / 1_000_000 + 1, 1 << 30) : 0
      let count = unsafe poll(&entries, nfds_t(entries.count), CInt(left))
      if count >= 0 {
        if count > 0 || left == 0 || monotonicTime >= deadline { return entries.map { $0.revents != 0 } }
      } else if Glibc.errno != EINTR {
        throw Errno(rawValue: Glibc.errno)
      }
    }
  }

  /// The monotonic clock, in nanoseconds; clock_gettime(2).
  package static var monotonicTime: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  /// The seconds since 1970; clock_gettime(2).
  package static var wallTime: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec)
  }
}

// MARK: Asking about processes

extension Syscall {
  /// Our own process.
  package static var ownProcess: ProcessID {
    guard let own = ProcessID(rawValue: getpid()) else { preconditionFailure("getpid(2) never fails") }
    return own
  }

  /// Why we may not read the memory of a process; nil where we may. Nothing of it is touched: the page at address 0 is
  /// never mapped, so where the kernel lets us read it answers EFAULT.
  static func readingError(_ process: ProcessID) -> Errno? {
    var byte: [UInt8] = [0]
    var span = byte.mutableSpan
    var target = unsafe span.mutableBytes
    do throws(Errno) {
      _ = try read(process, [Transfer(address: Address(0), offset: 0, byteCount: 1)], into: &target)
      return nil
    } catch { return error == .badAddress ? nil : error }
  }
}

// MARK: Renaming

extension Syscall {
  /// Renames a file to a name that is new; renameat2(2), or link and unlink on a file system that does not know it.
  static func renameNew(_ from: FilePath, to path: FilePath) throws(Errno) {
    let error = unsafe from.withPlatformString { from in
      unsafe path.withPlatformString { to in unsafe cprocmem_rename_new(from, to) }
    }
    if error == -EINVAL {
      try unsafe checkedErrno(
        from.withPlatformString { from in unsafe path.withPlatformString { to in unsafe Glibc.link(from, to) } })
      unlink(from)
    } else {
      _ = try checked(error)
    }
  }
}

// MARK: Signals and processes

extension Syscall {
  /// Blocks signals, and gives a file that is ready when one of them is pending; signalfd(2).
  package static func signalFile(_ signals: [CInt]) throws(Errno) -> Descriptor {
    Descriptor(owning: FileDescriptor(rawValue: try checked(unsafe cprocmem_signal_file(signals, signals.count))))
  }

  /// The number of the signal that is pending.
  package static func readSignal(_ file: FileDescriptor) throws(Errno) -> CInt {
    try checked(cprocmem_read_signal(file.rawValue))
  }

  /// A file that is ready when a process has ended; pidfd_open(2).
  package static func processFile(_ process: ProcessID) throws(Errno) -> Descriptor {
    Descriptor(owning: FileDescriptor(rawValue: try checked(cprocmem_pidfd_open(process.rawValue))))
  }

  /// Waits for a child of ours: its exit status, or 128 and the number of the signal that ended it; waitpid(2).
  package static func exitStatus(of child: ProcessID) -> CInt { cprocmem_wait_exit(child.rawValue) }

  /// Has the kernel send us a signal when our parent ends; prctl(2), PR_SET_PDEATHSIG.
  package static func dieWithParent() { _ = cprocmem_set_parent_death_signal(SIGKILL) }

  /// Lets any process of our user read us, where Yama would only let an ancestor; prctl(2), PR_SET_PTRACER.
  package static func allowAnyReader() { _ = cprocmem_allow_any_tracer() }

  /// Makes a write to a closed pipe an error in place of a death; signal(2).
  package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }
}
