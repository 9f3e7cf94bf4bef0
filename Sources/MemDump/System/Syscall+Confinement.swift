internal import CProcMem
package import SystemPackage

// What our own process gives up for good.

extension Syscall {
  /// Gives up, for this thread and those that it starts, whatever the reading of files does not take: to write or make files,
  /// to start programs and processes, the network, other processes (landlock(7), seccomp(2)), and all capabilities but that
  /// to read files of others (CAP_DAC_READ_SEARCH). What is open stays open. Throws where the kernel has no filters.
  ///
  /// - Parameter namingFiles: whether files may be given names, and lose them, as an ``OutputFile`` that is open takes in the
  ///   end; a directory of others may need CAP_DAC_OVERRIDE for that.
  package static func confineToReading(namingFiles: Bool = false) throws(Errno) {
    _ = try checked(cprocmem_confine(namingFiles))
    _ = try checked(cprocmem_keep_capabilities(readSearch | (namingFiles ? override : 0)))
  }

  /// CAP_DAC_READ_SEARCH and CAP_DAC_OVERRIDE, as bits.
  private static let (readSearch, override): (UInt64, UInt64) = (1 << 2, 1 << 1)
}
