public import SystemPackage

/// A comparison of a dump with the manifest beside it.
public struct Verification: Sendable {
  /// The outcome of a check.
  public enum Outcome: Hashable, Sendable {
    /// The check holds; with a few words on what was looked at.
    case holds(String)
    /// The check fails; with the reason.
    case fails(String)
    /// The check has nothing to compare with; with the reason.
    case skipped(String)
  }

  /// A check of a dump against its manifest.
  public struct Check: Hashable, Sendable {
    /// The name of the check: `length`, `regions`, `holes` or `sha256`.
    public var name: String
    /// The outcome of the check.
    public var outcome: Outcome
  }

  /// The manifest.
  public let manifest: Manifest
  /// The checks, in order, without those that make no sense once an earlier one has failed.
  public let checks: [Check]

  /// Whether nothing contradicts the manifest.
  public var isGood: Bool {
    checks.allSatisfy { if case .fails = $0.outcome { false } else { true } }
  }

  /// Reads a dump and its manifest, and compares them.
  ///
  /// - Parameters:
  ///   - path: the dump; the manifest is `FILE.json`.
  ///   - digest: makes the digest, where the manifest has one.
  ///   - control: is told how far the work is, and may end it.
  /// - Throws: ``MemDumpError/Code/file``, and ``MemDumpError/Code/malformed`` where the manifest cannot be read.
  public init(
    _ path: FilePath, digest: any FileDigest.Type, control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    var verifier = try Verifier(path, control: control)
    try verifier.run(digest)
    (manifest, checks) = (verifier.manifest, verifier.checks)
  }
}
