internal import Glibc
package import SystemPackage

// System calls that make and name the files we write.

extension Syscall {
  /// Creates a file without a name, for writing, mode 0600; open(2) with O_TMPFILE.
  static func createUnnamed(in directory: FilePath) throws(Errno) -> FileDescriptor {
    // O_TMPFILE is a macro of two flags, which is not imported: __O_TMPFILE and O_DIRECTORY.
    let unnamed = FileDescriptor.OpenOptions(rawValue: 0o20000000 | O_DIRECTORY)
    return try typed {
      try FileDescriptor.open(
        directory, .readWrite, options: [unnamed, .closeOnExec], permissions: [.ownerRead, .ownerWrite])
    }
  }

  /// Creates a file of a new name, for writing, mode 0600; open(2) with O_EXCL.
  static func createNew(_ path: FilePath) throws(Errno) -> FileDescriptor {
    try typed {
      try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        permissions: [.ownerRead, .ownerWrite])
    }
  }

  /// Gives an unnamed file a new name; linkat(2).
  static func link(_ file: FileDescriptor, to path: FilePath) throws(Errno) {
    try unsafe checkedErrno(
      ProcFS.ownFile(file).withPlatformString { from in
        unsafe path.withPlatformString { to in unsafe linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) }
      })
  }

  /// Renames a file, replacing any file of the new name; rename(2).
  static func rename(_ from: FilePath, to path: FilePath) throws(Errno) {
    try unsafe checkedErrno(
      from.withPlatformString { from in unsafe path.withPlatformString { to in unsafe Glibc.rename(from, to) } })
  }

  /// Removes a name; unlink(2).
  @discardableResult package static func unlink(_ path: FilePath) -> Bool {
    unsafe path.withPlatformString { unsafe Glibc.unlink($0) == 0 || errno == ENOENT }
  }

  /// Sets the length of a file; ftruncate(2).
  static func truncate(_ file: FileDescriptor, _ byteCount: UInt64) throws(Errno) {
    guard let length = off_t(exactly: byteCount) else { throw .fileTooLarge }
    try checkedErrno(ftruncate(file.rawValue, length))
  }

  /// Gives a pipe more room, as far as permitted, so that its writer waits less often; fcntl(2), F_SETPIPE_SZ.
  static func enlargePipe(_ file: FileDescriptor, to byteCount: Int) {
    // <fcntl.h> has the name only under _GNU_SOURCE, which the importer does not set.
    let setPipeSize: CInt = 1031
    _ = fcntl(file.rawValue, setPipeSize, CInt(byteCount))
  }

  /// The space, in bytes, that we may still fill in the file system of a directory; nil for one that has no size of its own,
  /// such as ramfs; statvfs(3).
  static func availableSpace(_ directory: FilePath) throws(Errno) -> UInt64? {
    var raw = statvfs()
    try unsafe checkedErrno(directory.withPlatformString { unsafe statvfs($0, &raw) })
    guard raw.f_blocks > 0 else { return nil }
    return UInt64(raw.f_bavail).multipliedReportingOverflow(by: UInt64(raw.f_frsize)).partialValue
  }

  /// Makes a directory of a new name where temporary files go, mode 0700; mkdtemp(3).
  package static func makeTemporaryDirectory(_ prefix: String) throws(Errno) -> FilePath {
    let place = environment("TMPDIR") ?? "/tmp"
    var template = unsafe FilePath(place).appending(prefix + "XXXXXX").withPlatformString {
      unsafe Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
    }
    guard unsafe mkdtemp(&template) != nil else { throw Errno(rawValue: Glibc.errno) }
    return FilePath(platformString: template)
  }

  /// Removes an empty directory; rmdir(2).
  package static func removeDirectory(_ path: FilePath) {
    _ = unsafe path.withPlatformString { unsafe rmdir($0) }
  }
}
