/// `email`: a local part, `@`, and a domain.
///
/// The local part is the whole run of letters, digits and `._%+-` before the `@`, 64 bytes at most, with no dot at either end
/// and no two in a row. The domain has a dot, and its last label is 2 to 24 letters and nothing else.
public struct Email: Pattern {
  /// Makes the pattern.
  public init() {}

  /// `email`
  public var name: String { "email" }

  /// What the pattern finds.
  public var summary: String { "e-mail address: someone@example.org" }

  /// The `@` is the anchor.
  public var reach: Int { ScanKernel.email.reach }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.email.scan(bytes, base: base, from: &from, to: to, into: &matches)
  }
}
