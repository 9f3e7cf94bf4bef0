public import SystemPackage

/// Compares a dump with the manifest beside it.
public struct Verification: Sendable {
  /// What came of a check.
  public enum Outcome: Hashable, Sendable {
    /// It holds; in a few words, what was looked at.
    case holds(String)
    /// It does not, and why.
    case fails(String)
    /// There is nothing to compare with, and why.
    case skipped(String)
  }

  /// One thing that was looked at.
  public struct Check: Hashable, Sendable {
    /// `length`, `regions`, `holes` or `sha256`.
    public var name: String
    /// What came of it.
    public var outcome: Outcome
  }

  /// The manifest.
  public let manifest: Manifest
  /// What was checked, in order. Checks that make no sense once one before has failed are left out.
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
  ///   - control: tells how far it is, and can end it.
  /// - Throws: ``MemDumpError/Code/file``, and ``MemDumpError/Code/malformed`` where the manifest is not one.
  public init(
    _ path: FilePath, digest: any FileDigest.Type, control: WorkControl = WorkControl()
  ) throws(MemDumpError) {
    var verifier = try Verifier(path, control: control)
    try verifier.run(digest)
    (manifest, checks) = (verifier.manifest, verifier.checks)
  }
}
