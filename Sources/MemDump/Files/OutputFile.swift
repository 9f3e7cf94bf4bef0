import SystemPackage

/// A file that appears under its name whole or not at all.
///
/// The file is written without a name (O_TMPFILE, open(2)), so that not even a SIGKILL leaves anything behind; on a
/// file system that cannot do that, under a temporary name beside the final one. To replace a file, the new one has a
/// temporary name between two system calls, since only a rename(2) replaces. Mode 0600: memory holds secrets. An
/// existing file is replaced only where that is asked for, a symbolic link never.
struct OutputFile: ~Copyable {
  /// The open file.
  let file: FileDescriptor
  let path: FilePath
  private let replaces: Bool
  private var temporaryName: FilePath?

  /// Creates the file.
  ///
  /// - Parameters:
  ///   - replacing: whether a file of that name may be replaced.
  ///   - needed: the number of bytes to write; so many must be free.
  init(_ path: FilePath, replacing: Bool, needed: UInt64) throws(MemDumpError) {
    try Self.check(path, replacing: replacing)
    let directory = Self.directory(of: path)
    let available: UInt64?
    do throws(Errno) { available = try Syscall.availableSpace(directory) } catch {
      throw MemDumpError(.file(directory, .open, error))
    }
    if let available, needed > available {
      throw MemDumpError(.diskSpace(path, needed: needed, available: available))
    }
    let created: (file: FileDescriptor, name: FilePath?)
    do throws(Errno) { created = try Self.create(in: directory) } catch {
      throw MemDumpError(.file(path, .create, error))
    }
    (file, temporaryName, self.path, replaces) = (created.file, created.name, path, replacing)
  }

  deinit {
    try? file.close()
    if let temporaryName { Syscall.unlink(temporaryName) }
  }

  /// Throws where the file may not be written.
  static func check(_ path: FilePath, replacing: Bool) throws(MemDumpError) {
    guard let attributes = try? Syscall.attributes(path, followingLinks: false) else { return }
    if attributes.isDirectory { throw MemDumpError(.file(path, .create, .isDirectory)) }
    guard attributes.isRegular else { throw MemDumpError(.notARegularFile(path)) }
    if !replacing { throw MemDumpError(.fileExists(path)) }
  }

  /// Throws where no file can be made in the directory.
  static func check(directory: FilePath) throws(MemDumpError) {
    do throws(Errno) {
      let created = try create(in: directory)
      try? created.file.close()
      if let name = created.name { Syscall.unlink(name) }
    } catch { throw MemDumpError(.file(directory, .create, error)) }
  }

  /// Whether enough bytes are free where a file is to be.
  static func hasRoom(for byteCount: UInt64, at path: FilePath) -> Bool {
    do throws(Errno) { return try Syscall.availableSpace(directory(of: path)).map { byteCount <= $0 } ?? true } catch {
      return false
    }
  }

  /// Sets the length of the file, in bytes (ftruncate(2)); parts that are not written then are holes.
  func setByteCount(_ byteCount: UInt64) throws(MemDumpError) {
    do throws(Errno) { try Syscall.truncate(file, byteCount) } catch {
      throw MemDumpError(
        error == .fileTooLarge ? .fileTooLarge(path, byteCount: byteCount) : .file(path, .write, error))
    }
  }

  func write(_ bytes: RawSpan, at offset: UInt64) throws(MemDumpError) {
    do throws(Errno) { try Syscall.write(bytes, to: file, at: offset) } catch {
      throw MemDumpError(.file(path, .write, error))
    }
  }

  /// Gives the file a temporary name where its own is to replace a file's: what is left for ``commit()`` is one system call.
  mutating func prepare() throws(MemDumpError) {
    guard replaces, temporaryName == nil else { return }
    let name = Self.temporaryName(beside: path)
    do throws(Errno) { try Syscall.link(file, to: name) } catch { throw failure(.giveName, error) }
    temporaryName = name
  }

  /// Gives the file its name.
  consuming func commit() throws(MemDumpError) {
    try prepare()
    guard let name = temporaryName else {
      do throws(Errno) { return try Syscall.link(file, to: path) } catch { throw failure(.giveName, error) }
    }
    do throws(Errno) {
      if replaces { try Syscall.rename(name, to: path) } else { try Syscall.renameNew(name, to: path) }
    } catch { throw failure(.rename, error) }
    temporaryName = nil
  }

  private func failure(_ action: MemDumpError.FileAction, _ error: Errno) -> MemDumpError {
    error == .fileExists ? MemDumpError(.fileExists(path)) : MemDumpError(.file(path, action, error))
  }

  /// The directory that a file is in.
  static func directory(of path: FilePath) -> FilePath {
    let directory = path.removingLastComponent()
    return directory.isEmpty ? "." : directory
  }

  private static func create(in directory: FilePath) throws(Errno) -> (file: FileDescriptor, name: FilePath?) {
    do throws(Errno) { return (try Syscall.createUnnamed(in: directory), nil) } catch {
      // ENOTSUP, and EISDIR from kernels or file systems that do not know the flag.
      guard error == .notSupported || error == .isDirectory else { throw error }
    }
    let name = temporaryName(in: directory)
    return (try Syscall.createNew(name), name)
  }

  /// A name that no file has, in the directory of a file.
  static func temporaryName(beside path: FilePath) -> FilePath { temporaryName(in: directory(of: path)) }

  private static func temporaryName(in directory: FilePath) -> FilePath {
    directory.appending(".memdump-\(Syscall.ownProcess)-\(UInt32.random(in: 0...UInt32.max))")
  }
}
