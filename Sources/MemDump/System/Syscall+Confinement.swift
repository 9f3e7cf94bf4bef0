internal import CProcMem
internal import Glibc
package import SystemPackage

// What our own process gives up for good.

extension Syscall {
  /// Gives up, for this thread and those that it starts, whatever the reading of files does not take: to write or make files,
  /// to start programs and processes, the network, other processes (landlock(7), seccomp(2)), and all capabilities but that
  /// to read files of others (CAP_DAC_READ_SEARCH). What is open stays open. Throws where the kernel has no filters.
  ///
  /// - Parameter directories: where files may be given names, and lose them, as an ``OutputFile`` that is open takes in the
  ///   end; a directory of others may need CAP_DAC_OVERRIDE for that. Without Landlock, everywhere.
  package static func confineToReading(namingFilesIn directories: [FilePath] = []) throws(Errno) {
    var open: [CInt] = []
    defer { for directory in open { try? FileDescriptor(rawValue: directory).close() } }
    // O_PATH: <fcntl.h> has the name only under _GNU_SOURCE, which the importer does not set.
    let place = FileDescriptor.OpenOptions(rawValue: 0o10_000_000 | O_DIRECTORY)
    for directory in directories {
      open.append(try typed { try FileDescriptor.open(directory, .readOnly, options: [place, .closeOnExec]).rawValue })
    }
    let count = open.count
    _ = try unsafe open.withUnsafeBufferPointer { (naming) throws(Errno) in
      try unsafe checked(cprocmem_confine(naming.baseAddress, count))
    }
    _ = try checked(cprocmem_keep_capabilities(readSearch | (directories.isEmpty ? 0 : override)))
  }

  /// CAP_DAC_READ_SEARCH and CAP_DAC_OVERRIDE, as bits.
  private static let (readSearch, override): (UInt64, UInt64) = (1 << 2, 1 << 1)
}
