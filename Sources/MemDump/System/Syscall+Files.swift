internal import CProcMem
internal import Glibc
package import SystemPackage

// System calls on files.

extension Syscall {
  /// The bytes of a file from where the descriptor stands to the end, or as many as `limit`; read(2).
  package static func contents(_ file: FileDescriptor, limit: Int = .max) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    try unsafe withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) {
      (buffer: UnsafeMutableRawBufferPointer) throws(Errno) in
      while bytes.count < limit {
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(limit - bytes.count))
        let count = try typed { try unsafe file.read(into: part) }
        if count == 0 { return }
        unsafe bytes.append(contentsOf: buffer.prefix(count))
      }
    }
    return bytes
  }

  /// The names in a directory, `.` and `..` left out; readdir(3).
  package static func directoryEntries(_ path: FilePath) throws(Errno) -> [String] {
    guard let directory = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
      throw Errno(rawValue: Glibc.errno)
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while true {
      Glibc.errno = 0
      guard let entry = unsafe readdir(directory) else { break }
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    if Glibc.errno != 0 { throw Errno(rawValue: Glibc.errno) }
    return names
  }

  /// The target of a symbolic link; readlink(2).
  package static func readLink(_ path: FilePath) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe path.withPlatformString { name in
      unsafe bytes.withUnsafeMutableBytes { buffer in
        guard let start = buffer.baseAddress else { return 0 }
        return unsafe readlink(name, start.assumingMemoryBound(to: CChar.self), buffer.count)
      }
    }
    guard count >= 0 else { throw Errno(rawValue: Glibc.errno) }
    return Array(bytes.prefix(count))
  }
}

extension Syscall {
  /// Opens what a name stands for below a root, without the right to read it; openat2(2) with RESOLVE_IN_ROOT and O_PATH.
  static func locate(_ path: FilePath, in root: FileDescriptor) throws(Errno) -> FileDescriptor {
    let file = unsafe path.withPlatformString { unsafe cprocmem_open_in_root(root.rawValue, $0) }
    return FileDescriptor(rawValue: try checked(file))
  }

  /// Opens an entry of a directory without following a link, and without the right to read it; openat(2) with O_PATH.
  static func locate(_ name: String, below directory: FileDescriptor) throws(Errno) -> FileDescriptor {
    // O_PATH: <fcntl.h> has the name only under _GNU_SOURCE, which the importer does not set.
    let file = unsafe openat(directory.rawValue, name, 0o10_000_000 | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { throw Errno(rawValue: Glibc.errno) }
    return FileDescriptor(rawValue: file)
  }
}

extension Syscall {
  /// The attributes of a file; stat(2).
  package struct Attributes: Sendable {
    package var owner: UInt32
    package var isRegular: Bool
    package var isDirectory: Bool
    package var isSymbolicLink: Bool
    package var byteCount: UInt64
    /// The number of the device, as /proc/PID/maps writes it.
    package var device: (major: UInt32, minor: UInt32)
    package var inode: UInt64

    fileprivate init(_ raw: stat) {
      owner = raw.st_uid
      let type = raw.st_mode & S_IFMT
      (isRegular, isDirectory, isSymbolicLink) = (type == S_IFREG, type == S_IFDIR, type == S_IFLNK)
      byteCount = UInt64(max(0, raw.st_size))
      // The macros that take a dev_t apart are not imported; see makedev(3).
      let number = UInt64(raw.st_dev)
      device = (
        UInt32(truncatingIfNeeded: (number >> 8) & 0xfff | (number >> 32) & 0xffff_f000),
        UInt32(truncatingIfNeeded: number & 0xff | (number >> 12) & 0xffff_ff00)
      )
      inode = UInt64(raw.st_ino)
    }
  }

  /// The attributes of a file; stat(2), or lstat(2) where links are not followed.
  package static func attributes(_ path: FilePath, followingLinks: Bool = true) throws(Errno) -> Attributes {
    var raw = stat()
    let flags = followingLinks ? 0 : AT_SYMLINK_NOFOLLOW
    try unsafe checkedErrno(path.withPlatformString { unsafe fstatat(AT_FDCWD, $0, &raw, flags) })
    return Attributes(raw)
  }

  /// The attributes of an open file; fstat(2).
  package static func attributes(_ file: FileDescriptor) throws(Errno) -> Attributes {
    var raw = stat()
    try unsafe checkedErrno(fstat(file.rawValue, &raw))
    return Attributes(raw)
  }

  /// The bytes of a range of file offsets, as many as the file has; pread(2).
  static func bytes(_ file: FileDescriptor, _ range: Range<UInt64>) throws(Errno) -> [UInt8] {
    guard let count = Int(exactly: range.upperBound - range.lowerBound) else { throw .noMemory }
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    var span = bytes.mutableSpan
    var whole = unsafe span.mutableBytes
    while filled < count {
      let more = try whole.withPart(filled..<count) { (rest: inout MutableRawSpan) throws(Errno) in
        try read(file, at: range.lowerBound + UInt64(filled), into: &rest)
      }
      if more == 0 { break }
      filled += more
    }
    bytes.removeLast(count - filled)
    return bytes
  }

  /// The length of the hole at a file offset, in bytes, up to the end of the file; lseek(2) with SEEK_DATA. 0 without a
  /// hole, or where the file system does not tell.
  static func holeByteCount(_ file: FileDescriptor, at offset: UInt64) -> UInt64 {
    guard let start = off_t(exactly: offset) else { return 0 }
    // <unistd.h> has the name only under _GNU_SOURCE, which the importer does not set.
    let seekData: CInt = 3
    let data = lseek(file.rawValue, start, seekData)
    if data >= 0 { return UInt64(max(0, data - start)) }
    guard Glibc.errno == ENXIO, let attributes = try? attributes(file) else { return 0 }
    return attributes.byteCount > offset ? attributes.byteCount - offset : 0
  }

  /// The number of bytes from a file offset on, which is in no hole, up to the next hole; lseek(2) with SEEK_HOLE. The largest
  /// number there is where the file system does not tell.
  static func dataByteCount(_ file: FileDescriptor, at offset: UInt64) -> UInt64 {
    guard let start = off_t(exactly: offset) else { return .max }
    // See holeByteCount.
    let seekHole: CInt = 4
    let hole = lseek(file.rawValue, start, seekHole)
    return hole > start ? UInt64(hole - start) : .max
  }
}

extension Syscall {
  /// Reads at a file offset, up to the buffer's size; pread(2). Returns the number of bytes read.
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

  /// Writes the whole of `bytes` at a file offset; pwrite(2).
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

  /// Reads what comes next from a file or pipe; read(2). Returns the number of bytes read, 0 at the end.
  package static func read(_ file: FileDescriptor, into buffer: inout MutableRawSpan) throws(Errno) -> Int {
    try unsafe buffer.withUnsafeMutableBytes { (bytes: UnsafeMutableRawBufferPointer) throws(Errno) -> Int in
      try typed { try unsafe file.read(into: bytes) }
    }
  }
}
