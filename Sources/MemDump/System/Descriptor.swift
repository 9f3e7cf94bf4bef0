package import SystemPackage

/// A file descriptor that is closed when its owner goes.
package struct Descriptor: ~Copyable, Sendable {
  package let file: FileDescriptor

  package init(owning file: FileDescriptor) { self.file = file }

  /// Opens a file for reading, close-on-exec; open(2).
  package init(opening path: FilePath) throws(Errno) {
    file = try Syscall.typed { try FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) }
  }

  /// Opens a file for reading only if that is a regular file; open(2).
  ///
  /// What the name stands for may change at any instant, so the file is looked at through a descriptor that cannot read
  /// (O_PATH), and that very file is opened then: opening waits for no writer of a pipe, and does nothing to a device.
  /// Throws `EINVAL` for what is no regular file.
  package init(openingRegular path: FilePath) throws(Errno) {
    try self.init(reopening: Descriptor(locating: path))
  }

  /// Opens a file for reading only if that is a regular file, by its name as a process with another root sees it:
  /// symbolic links do not lead out of there.
  ///
  /// - Parameters:
  ///   - path: the name, from the root on.
  ///   - root: the root, as we see it.
  ///   - resolves: false to walk the name ourselves even where the kernel has openat2(2).
  package init(openingRegular path: FilePath, in root: FilePath, resolves: Bool = true) throws(Errno) {
    let root = try Descriptor(locating: root)
    try self.init(reopening: Self.locate(path, in: root, resolves: resolves))
  }

  private static func locate(
    _ path: FilePath, in root: borrowing Descriptor, resolves: Bool
  ) throws(Errno) -> Descriptor {
    if resolves {
      do throws(Errno) { return Descriptor(owning: try Syscall.locate(path, in: root.file)) } catch {
        // A filter of system calls that does not know the call says EPERM.
        guard error == .noFunction || error == .notPermitted else { throw error }
      }
    }
    return try walk(path, from: root)
  }

  private init(reopening held: borrowing Descriptor) throws(Errno) {
    guard try Syscall.attributes(held.file).isRegular else { throw .invalidArgument }
    try self.init(opening: ProcFS.ownFile(held.file))
  }

  private init(locating path: FilePath) throws(Errno) {
    file = try Syscall.typed { try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .pathOnly]) }
  }

  /// Opens what a name stands for, part by part, without symbolic links and ways back.
  private static func walk(_ path: FilePath, from root: borrowing Descriptor) throws(Errno) -> Descriptor {
    var place = try Descriptor(locating: ProcFS.ownFile(root.file))
    for part in path.components where part.kind != .currentDirectory {
      guard part.kind == .regular else { throw .tooManySymbolicLinkLevels }
      place = Descriptor(owning: try Syscall.locate(part.string, below: place.file))
      if try Syscall.attributes(place.file).isSymbolicLink { throw .tooManySymbolicLinkLevels }
    }
    return place
  }

  /// Gives the file away: the caller closes it.
  package consuming func release() -> FileDescriptor {
    let file = file
    discard self
    return file
  }

  deinit { try? file.close() }
}

extension FileDescriptor.OpenOptions {
  /// O_PATH of open(2); <fcntl.h> has the name only under _GNU_SOURCE, which the importer does not set.
  fileprivate static var pathOnly: Self { Self(rawValue: 0o10_000_000) }
}
