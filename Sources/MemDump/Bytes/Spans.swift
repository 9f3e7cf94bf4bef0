internal import Glibc

extension MutableRawSpan {
  /// Lends `body` a part of the bytes to write to.
  mutating func withPart<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    return try unsafe withUnsafeMutableBytes { (bytes: UnsafeMutableRawBufferPointer) throws(Failure) -> Result in
      var part = unsafe MutableRawSpan(_unsafeBytes: bytes[range])
      return try body(&part)
    }
  }

  /// Sets a part of the bytes to zero.
  mutating func clear(_ range: Range<Int>) {
    withPart(range) { part in
      unsafe part.withUnsafeMutableBytes { bytes in
        if let start = bytes.baseAddress { unsafe memset(start, 0, bytes.count) }
      }
    }
  }

  /// Copies `bytes` to the front of the span.
  mutating func copy(_ bytes: RawSpan) {
    precondition(bytes.byteCount <= byteCount)
    unsafe withUnsafeMutableBytes { target in unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) } }
  }
}

extension RawSpan {
  /// Whether a part of the bytes is all zeros; memcmp(3) of the part with itself, one byte further on.
  func isZero(_ range: Range<Int>) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
    return unsafe withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, let first = range.first else { return true }
      let place = unsafe start + first
      return unsafe bytes[first] == 0 && memcmp(place, place + 1, range.count - 1) == 0
    }
  }
}
