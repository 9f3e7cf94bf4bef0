import SystemPackage

/// A file that is to be replaced, out of the way under another name until it is known that it may go.
struct FormerFile: ~Copyable {
  private let path: FilePath
  private let name: FilePath

  /// Puts the file out of the way; nil where there is none.
  init?(_ path: FilePath) throws(MemDumpError) {
    let name = OutputFile.temporaryName(beside: path)
    do throws(Errno) { try Syscall.rename(path, to: name) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw MemDumpError(.file(path, .rename, error))
    }
    (self.path, self.name) = (path, name)
  }

  /// Takes the file away, unless it was put back.
  deinit { _ = takeAway() }

  /// Takes the file away. Returns its name where that cannot be done.
  func takeAway() -> FilePath? { Syscall.unlink(name) ? nil : name }

  /// Puts the file back in its place.
  func restore() { try? Syscall.rename(name, to: path) }
}
