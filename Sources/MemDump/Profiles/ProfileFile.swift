public import SystemPackage

/// A file for a profile, which appears under its name whole or not at all.
///
/// The file is opened before the profile is made: so whoever cannot write it knows before a process stands still, and
/// nothing is opened for writing once a file that nobody can trust is being read.
public final class ProfileFile {
  /// The form of a profile in a file.
  public enum Format: String, Sendable, CaseIterable {
    /// See ``FoldedStacks``.
    case folded
    /// See ``PprofProfile``.
    case pprof
  }

  /// The path of the file.
  public let path: FilePath
  /// The form of the profile in it.
  public let format: Format
  private var file: OutputFile?

  /// The directory in which the file gets its name.
  package var directory: FilePath { OutputFile.directory(of: path) }

  /// Creates the file, mode 0600.
  ///
  /// - Parameters:
  ///   - path: its name.
  ///   - format: the form of the profile.
  ///   - replacing: whether a file of that name may be replaced.
  /// - Throws: ``MemDumpError`` where the file exists, or cannot be made there.
  public init(_ path: FilePath, _ format: Format, replacing: Bool) throws(MemDumpError) {
    (self.path, self.format) = (path, format)
    file = try OutputFile(path, replacing: replacing, needed: 0)
  }

  /// Writes a profile, and gives the file its name. Called once.
  public func finish(with profile: Profile) throws(MemDumpError) {
    guard let file = file.take() else { return }
    let bytes =
      switch format {
      case .folded: FoldedStacks.bytes(of: profile)
      case .pprof: PprofProfile.bytes(of: profile)
      }
    try unsafe file.write(bytes.span.bytes, at: 0)
    try file.commit()
  }
}
