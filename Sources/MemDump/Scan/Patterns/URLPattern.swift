/// `url`: a scheme, `://`, and the bytes of RFC 3986 that follow, up to 2048.
///
/// Letters of all scripts are part of it (RFC 3987), punctuation beyond ASCII is not. A URL does not end in a mark of
/// punctuation, nor in a bracket that nothing in the URL opens. Of `xhttp://` only `http` is the scheme. The slashes of JSON,
/// `https:\/\/example.org\/`, are slashes; the text of such a match is that without the backslashes.
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

  /// Writes a URL of JSON without its backslashes.
  public func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool {
    unsafe match.withUnsafeBytes { bytes in
      guard let colon = unsafe bytes.firstIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.count,
        unsafe bytes[colon + 1] == UInt8(ascii: "\\")
      else { return false }
      unsafe text += bytes.filter { $0 != UInt8(ascii: "\\") }
      return true
    }
  }
}
