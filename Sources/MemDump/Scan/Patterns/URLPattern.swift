/// `url`: a scheme, `://`, and the bytes of RFC 3986 that follow, up to 2048.
///
/// A URL does not end in a mark of punctuation, nor in a bracket that nothing in the URL opens.
public struct URLPattern: Pattern {
  /// Makes the pattern.
  public init() {}

  /// `url`
  public var name: String { "url" }

  /// What the pattern finds.
  public var summary: String { "URL: https://example.org/path?query" }

  /// The colon is the anchor.
  public var reach: Int { ScanKernel.url.reach }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.url.scan(bytes, base: base, from: &from, to: to, into: &matches)
  }
}
