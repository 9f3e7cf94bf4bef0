/// A SHA-256 in the making. The library has no implementation: whoever wants digests brings one, as the tool does with its
/// C target CDigest. The kernel's own (AF_ALG) needs none, but many kernels and containers do not have it.
public protocol FileDigest: Sendable {
  /// Starts a digest of no bytes.
  init()
  /// Adds bytes to the digest.
  mutating func update(_ bytes: RawSpan)
  /// The 32 bytes of the digest of all bytes added.
  func finalize() -> [UInt8]
}
