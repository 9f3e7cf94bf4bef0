internal import CProcMem
package import SystemPackage

// What our own process gives up for good.

extension Syscall {
  /// Gives up, for this thread and those that it starts, whatever the reading of files does not take: to write or make files,
  /// to start programs and processes, the network, other processes (landlock(7), seccomp(2)), and all capabilities but that
  /// to read files of others (CAP_DAC_READ_SEARCH). What is open stays open. Throws where the kernel has no filters.
  package static func confineToReading() throws(Errno) {
    _ = try checked(cprocmem_confine())
    _ = try checked(cprocmem_keep_capabilities(readSearch))
  }

  /// CAP_DAC_READ_SEARCH, as a bit.
  private static let readSearch: UInt64 = 1 << 2
}
