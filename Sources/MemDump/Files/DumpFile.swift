import SystemPackage

/// A file that somebody says is a dump: open, regular, and perhaps with a manifest beside it.
struct DumpFile: ~Copyable {
  /// The path of the file.
  let path: FilePath
  /// The length of the file, in bytes.
  let byteCount: UInt64
  private let descriptor: Descriptor

  /// The open file, for as long as this value lives.
  var file: FileDescriptor { descriptor.file }

  /// Opens a file. Throws ``MemDumpError/Code/file``, also for a file without offsets, such as a pipe.
  init(_ path: FilePath) throws(MemDumpError) {
    let isRegular: Bool
    do throws(Errno) { isRegular = try Syscall.attributes(path).isRegular } catch {
      throw MemDumpError(.file(path, .open, error))
    }
    // Before it is opened: to open a pipe would wait for its writer.
    guard isRegular else { throw MemDumpError(.notARegularFile(path)) }
    let opened = try Self.opened(path)
    do throws(Errno) { byteCount = try Syscall.attributes(opened.file).byteCount } catch {
      throw MemDumpError(.file(path, .open, error))
    }
    self.path = path
    descriptor = opened
  }

  private static func opened(_ path: FilePath) throws(MemDumpError) -> Descriptor {
    do throws(Errno) { return try Descriptor(opening: path) } catch { throw MemDumpError(.file(path, .open, error)) }
  }

  /// The manifest beside the file; nil where there is none.
  ///
  /// Throws ``MemDumpError/Code/file``, or ``MemDumpError/Code/malformed`` for a manifest of another version, or that
  /// contradicts itself.
  func manifest() throws(MemDumpError) -> Manifest? {
    let sidecar = Manifest.path(of: path)
    let bytes: [UInt8]
    do throws(Errno) { bytes = try ProcFS.read(sidecar) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw MemDumpError(.file(sidecar, .read, error))
    }
    guard let manifest = Manifest(parsing: bytes) else {
      throw MemDumpError(.manifest(sidecar, "it is not a manifest of this version of memdump"))
    }
    return manifest
  }
}
