internal import CDigest
import MemDump

/// The SHA-256 of the C target CDigest.
struct SHA256Digest: FileDigest {
  private var digest = cdigest_sha256()

  init() { unsafe cdigest_sha256_start(&digest) }

  mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe cdigest_sha256_add(&digest, $0.baseAddress, $0.count) }
  }

  func finalize() -> [UInt8] {
    var (digest, result) = (digest, [UInt8](repeating: 0, count: 32))
    unsafe cdigest_sha256_end(&digest, &result)
    return result
  }
}
