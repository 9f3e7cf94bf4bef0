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
    let held = try Syscall.typed { try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .pathOnly]) }
    defer { try? held.close() }
    guard try Syscall.attributes(held).isRegular else { throw .invalidArgument }
    try self.init(opening: ProcFS.ownFile(held))
  }

  deinit { try? file.close() }
}

extension FileDescriptor.OpenOptions {
  /// O_PATH of open(2); <fcntl.h> has the name only under _GNU_SOURCE, which the importer does not set.
  fileprivate static var pathOnly: Self { Self(rawValue: 0o10_000_000) }
}
