import Crypto
import MemDump

/// The SHA-256 of swift-crypto.
struct SHA256Digest: FileDigest {
  private var hash = SHA256()

  mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  func finalize() -> [UInt8] { Array(hash.finalize()) }
}
