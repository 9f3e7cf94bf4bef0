/// A SHA-256 in the making. The library has no implementation: whoever wants digests brings a well-kept one, such as
/// that of swift-crypto, which the tool uses.
///
/// Measured on x86_64 with SHA instructions: swift-crypto 4.5.2 takes 1.0 s a GiB, `openssl sha256` 1.9 s, `sha256sum`
/// 4.9 s. Swift-crypto brings FoundationEssentials, which the library is to be free of and the tool has anyway through
/// its parser of arguments. The kernel's own (AF_ALG) needs no library, but many kernels and containers do not have it.
public protocol FileDigest: Sendable {
  /// Starts a digest of no bytes.
  init()
  /// Adds bytes to the digest.
  mutating func update(_ bytes: RawSpan)
  /// The 32 bytes of the digest of all bytes added.
  func finalize() -> [UInt8]
}
