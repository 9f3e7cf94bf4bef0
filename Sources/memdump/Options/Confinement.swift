import MemDump
import SystemPackage

/// What memdump gives up where no process is looked at: a file that was made to take it over has nothing to use then.
enum Confinement {
  /// Gives up, for good, to write files, to start programs, the network and other processes, unless one of the sources is a
  /// process. Before there are threads, and before the first byte of a source is read. A kernel without filters of system
  /// calls leaves all as it is.
  ///
  /// - Parameter files: the files that are open for output, and still to get their names.
  static func enter(unlessProcessIn sources: [SourceArgument] = [], writing files: [ProfileFile] = []) {
    guard !sources.contains(where: \.isProcess) else { return }
    try? Syscall.confineToReading(namingFilesIn: files.map(\.directory))
  }
}
