import MemDump

/// A digest that hides nothing: it is all the bytes.
struct CollectingDigest: FileDigest {
  private var bytes: [UInt8] = []

  mutating func update(_ bytes: RawSpan) { self.bytes += Array(bytes) }

  func finalize() -> [UInt8] { bytes }
}
