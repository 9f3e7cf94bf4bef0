internal import CProcMem
internal import Glibc
package import SystemPackage

/// The system calls of the library, one function each: `Syscall` with its extensions is the only place that calls C.
///
/// Nothing here decides anything. A call that fails throws its `Errno`.
package enum Syscall {
  /// Runs a call of swift-system, which throws nothing but `Errno`.
  package static func typed<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
    do { return try body() } catch { throw error as? Errno ?? .ioError }
  }

  /// Turns the result of the C shim, a value or -errno, into a value or an error.
  static func checked<Value: SignedInteger>(_ value: Value) throws(Errno) -> Value {
    guard value < 0 else { return value }
    throw Errno(rawValue: CInt(-value))
  }

  /// Turns the result of a call of the C library, 0 or not, into an error.
  static func checkedErrno(_ value: CInt) throws(Errno) {
    guard value == 0 else { throw Errno(rawValue: Glibc.errno) }
  }
}

// MARK: Reading a process

extension Syscall {
  /// A range of the target's memory to read, and where in our buffer the bytes go.
  package struct Transfer {
    package var address: Address
    package var offset: Int
    package var byteCount: Int
    package init(address: Address, offset: Int, byteCount: Int) {
      (self.address, self.offset, self.byteCount) = (address, offset, byteCount)
    }
  }

  /// The most transfers of one call (IOV_MAX is 1024; more than 64 gain nothing).
  package static let transferLimit = 64

  /// Reads up to 64 ranges at once; process_vm_readv(2). Returns the number of bytes read, counted over the ranges in
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
}

// MARK: Pages

extension Syscall {
  /// The resident and swapped pages of a range, by an open /proc/PID/pagemap; PAGEMAP_SCAN. Returns the runs, and the
  /// address to go on from. Throws ENOTTY before Linux 6.7.
  static func scanPages(
    _ pagemap: FileDescriptor, _ range: Range<Address>, limit pageLimit: UInt64
  ) throws(Errno) -> (runs: [PageRun], next: Address) {
    let capacity = 512
    return try unsafe withUnsafeTemporaryAllocation(of: cprocmem_page_run.self, capacity: capacity) {
      (buffer: UnsafeMutableBufferPointer<cprocmem_page_run>) throws(Errno) -> ([PageRun], Address) in
      var next: UInt64 = 0
      let count = try unsafe checked(
        cprocmem_pagemap_scan(
          pagemap.rawValue, range.lowerBound.rawValue, range.upperBound.rawValue, pageLimit == .max ? 0 : pageLimit,
          buffer.baseAddress, capacity, &next))
      let runs = unsafe buffer.prefix(count).map { run in
        PageRun(
          range: Address(run.start)..<Address(max(run.start, run.end)),
          content: run.categories & UInt64(CPROCMEM_PAGE_SWAPPED) != 0 ? .swapped : .resident)
      }
      return (runs, Address(next))
    }
  }
}

// MARK: Renaming

extension Syscall {
  /// Gives a file a new name; renameat2(2), or link(2) and unlink(2) on a file system without renameat2.
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
  /// Blocks signals, and opens a file that is ready when one of them is pending; signalfd(2).
  package static func signalFile(_ signals: [CInt]) throws(Errno) -> Descriptor {
    Descriptor(owning: FileDescriptor(rawValue: try checked(unsafe cprocmem_signal_file(signals, signals.count))))
  }

  /// Takes the blocking of signals back; pthread_sigmask(3).
  package static func admitSignals(_ signals: [CInt]) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// The number of the pending signal, by the file of ``signalFile(_:)``; read(2).
  package static func readSignal(_ file: FileDescriptor) throws(Errno) -> CInt {
    try checked(cprocmem_read_signal(file.rawValue))
  }

  /// Opens a file that is ready when a process has ended; pidfd_open(2).
  package static func processFile(_ process: ProcessID) throws(Errno) -> Descriptor {
    Descriptor(owning: FileDescriptor(rawValue: try checked(cprocmem_pidfd_open(process.rawValue))))
  }

  /// Sends a signal to a process that may have ended; pidfd_send_signal(2).
  static func kill(_ processFile: FileDescriptor, _ signal: CInt) throws(Errno) {
    let error = cprocmem_pidfd_kill(processFile.rawValue, signal)
    if error != 0 { throw Errno(rawValue: -error) }
  }

  /// Waits for a child of ours: its exit status, or 128 and the number of the signal that ended it; waitpid(2). Throws ECHILD
  /// where this process ignores SIGCHLD, so that the kernel keeps no status.
  package static func exitStatus(of child: ProcessID) throws(Errno) -> CInt {
    try checked(cprocmem_wait_exit(child.rawValue))
  }

  /// Has the kernel keep the exit status of our children, whatever we were started with; signal(2).
  package static func keepExitStatuses() { _ = signal(SIGCHLD, SIG_DFL) }

  /// Has the kernel send us a signal when our parent ends; prctl(2), PR_SET_PDEATHSIG.
  package static func dieWithParent() { _ = cprocmem_set_parent_death_signal(SIGKILL) }

  /// Lets any process of our user read our memory, where Yama would only let an ancestor; prctl(2), PR_SET_PTRACER.
  package static func allowAnyReader() { _ = cprocmem_allow_any_tracer() }

  /// Has a descriptor stand where standard input, output or error is closed, that fails as a closed one does: what we open is none of
  /// them then.
  package static func occupyStandardDescriptors() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Makes a write to a closed pipe fail with EPIPE instead of ending us; signal(2).
  package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }
}
