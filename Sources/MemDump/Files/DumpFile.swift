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
    let opened: Descriptor
    do throws(Errno) { opened = try Descriptor(openingRegular: path) } catch {
      throw MemDumpError(error == .invalidArgument ? .notARegularFile(path) : .file(path, .open, error))
    }
    do throws(Errno) { byteCount = try Syscall.attributes(opened.file).byteCount } catch {
      throw MemDumpError(.file(path, .open, error))
    }
    self.path = path
    descriptor = opened
  }

  /// The size of the largest manifest that is read, in bytes: anybody may have put the file there.
  private static let manifestLimit = 256 << 20

  /// The manifest beside the file; nil where there is none.
  ///
  /// Throws ``MemDumpError/Code/file``, or ``MemDumpError/Code/malformed`` for a manifest of another version, or that
  /// contradicts itself.
  func manifest() throws(MemDumpError) -> Manifest? {
    let sidecar = Manifest.path(of: path)
    let bytes: [UInt8]
    do throws(Errno) {
      let file = try Descriptor(openingRegular: sidecar)
      bytes = try Syscall.contents(file.file, limit: Self.manifestLimit + 1)
    } catch {
      switch error {
      case .noSuchFileOrDirectory: return nil
      case .invalidArgument: throw MemDumpError(.manifest(sidecar, "it is not a regular file"))
      default: throw MemDumpError(.file(sidecar, .read, error))
      }
    }
    guard bytes.count <= Self.manifestLimit else {
      throw MemDumpError(.manifest(sidecar, "it has more than \(ByteSize(UInt64(Self.manifestLimit)))"))
    }
    guard let manifest = Manifest(parsing: bytes) else {
      throw MemDumpError(.manifest(sidecar, "it is not a manifest of this version of memdump"))
    }
    return manifest
  }
}
