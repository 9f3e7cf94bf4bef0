package import SystemPackage

/// A file descriptor that is closed when its owner goes.
package struct Descriptor: ~Copyable, Sendable {
  package let file: FileDescriptor

  package init(owning file: FileDescriptor) { self.file = file }

  /// Opens a file for reading, close-on-exec; open(2).
  package init(opening path: FilePath) throws(Errno) {
    file = try Syscall.typed { try FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) }
  }

  deinit { try? file.close() }
}
