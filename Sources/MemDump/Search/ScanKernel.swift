internal import CScanKernels

/// The inner loops of the patterns, written in C; see CScanKernels.h for their rules.
enum ScanKernel: Sendable {
  case ipv4Port, ipv4, ipv6Port, hostPort, url, email, uuid, sockaddr

  /// The options of a kernel.
  struct Options: OptionSet, Sendable {
    let rawValue: UInt32
    static let portZero = Options(rawValue: UInt32(CSCAN_PORT_ZERO))
    static let word = Options(rawValue: UInt32(CSCAN_WORD))
  }

  /// How many bytes on either side of an anchor a decision of the kernel may look at.
  var reach: Int {
    switch self {
    case .ipv4Port: Int(CSCAN_IPV4_PORT_REACH)
    case .ipv4: Int(CSCAN_IPV4_REACH)
    case .ipv6Port: Int(CSCAN_IPV6_PORT_REACH)
    case .hostPort: Int(CSCAN_HOST_PORT_REACH)
    case .url: Int(CSCAN_URL_REACH)
    case .email: Int(CSCAN_EMAIL_REACH)
    case .uuid: Int(CSCAN_UUID_REACH)
    case .sockaddr: Int(CSCAN_SOCKADDR_REACH)
    }
  }

  /// How many bytes around `from ..< to` ``findStrings(_:encoding:shortest:from:to:into:)`` may look at.
  static var stringsMargin: Int { Int(CSCAN_STRINGS_MARGIN) }

  /// The length of the longest needle of ``findBytes(_:needle:mask:ignoringCase:from:to:into:)``, in bytes.
  static var longestNeedle: Int { Int(CSCAN_NEEDLE_LONGEST) }
}

extension ScanKernel {
  /// Has the kernels use vectors of `limit` bytes at most; nil for what the processor has. For tests of kernels that
  /// the processor would pass over.
  static func limitVectors(toByteCount limit: Int?) {
    cscan_limit_vectors(CInt(limit ?? Int(CSCAN_VECTORS_ANY)))
  }

  /// Runs the kernel over the anchors in `from ..< to`; `base` is the address of the first byte.
  func scan(
    _ bytes: RawSpan, base: Address, options: Options = [], from: inout Int, to: Int, into matches: inout MatchList
  ) {
    let flags = options.rawValue
    unsafe Self.fill(&matches, bytes, from: from, to: to) { start, count, storage, capacity in
      switch self {
      case .ipv4Port: unsafe cscan_ipv4_port(start, count, &from, to, flags, storage, capacity)
      case .ipv4: unsafe cscan_ipv4(start, count, &from, to, flags, storage, capacity)
      case .ipv6Port: unsafe cscan_ipv6_port(start, count, &from, to, flags, storage, capacity)
      case .hostPort: unsafe cscan_host_port(start, count, &from, to, flags, storage, capacity)
      case .url: unsafe cscan_url(start, count, &from, to, flags, storage, capacity)
      case .email: unsafe cscan_email(start, count, &from, to, flags, storage, capacity)
      case .uuid: unsafe cscan_uuid(start, count, &from, to, flags, storage, capacity)
      case .sockaddr:
        unsafe cscan_sockaddr(start, count, base.rawValue, &from, to, flags, storage, capacity)
      }
    }
  }

  /// Finds a sequence of bytes; only those bits of `needle` count that are set in `mask`, which is as long.
  static func findBytes(
    _ bytes: RawSpan, needle: [UInt8], mask: [UInt8], ignoringCase: Bool, from: inout Int, to: Int,
    into matches: inout MatchList
  ) {
    precondition(needle.count == mask.count)
    let flags = ignoringCase ? UInt32(CSCAN_IGNORE_CASE) : 0
    unsafe fill(&matches, bytes, from: from, to: to) { start, count, storage, capacity in
      unsafe cscan_bytes(start, count, &from, to, needle, mask, needle.count, flags, storage, capacity)
    }
  }

  /// Finds runs of printable characters; a run that touches `from` or `to` counts whatever its length.
  static func findStrings(
    _ bytes: RawSpan, encoding: TextEncoding, shortest: Int, from: inout Int, to: Int, into matches: inout MatchList
  ) {
    let encoding =
      switch encoding {
      case .ascii: CSCAN_ASCII
      case .utf8: CSCAN_UTF8
      case .utf16: CSCAN_UTF16
      }
    unsafe fill(&matches, bytes, from: from, to: to) { start, count, storage, capacity in
      unsafe cscan_strings(start, count, &from, to, encoding, shortest, storage, capacity)
    }
  }

  /// Asks the processor to bring the element at an index near, so that many elements far apart are waited for at once.
  static func prefetch<Element>(_ array: borrowing [Element], at index: Int) {
    unsafe array.withUnsafeBufferPointer { buffer in
      guard let element = unsafe buffer.baseAddress.map({ unsafe UnsafeRawPointer($0 + index) }) else { return }
      unsafe cscan_prefetch(element)
      // An element may begin in one cache line and end in the next.
      if MemoryLayout<Element>.size > 8 { unsafe cscan_prefetch(element + MemoryLayout<Element>.size - 1) }
    }
  }

  /// The same for an element of an array in pieces.
  @inline(__always)
  static func prefetch<Element>(_ array: borrowing PieceArray<Element>, at index: Int) {
    array.withPiece(of: index) { prefetch($0, at: $1) }
  }

  /// The same for an element of a large array, of which there may be none.
  @inline(__always)
  static func prefetch<Element>(_ array: borrowing LargeArray<Element>, at index: Int) {
    unsafe array.withPlace(of: index) { unsafe cscan_prefetch($0) }
  }

  /// Writes the template of a text to the front of `template`, which is as long as the text; see ``TextTemplate``.
  /// Returns the length of the template, in bytes, and whether the text is surely the only one with that template: itself.
  static func writeTemplate(_ text: RawSpan, to template: inout [UInt8]) -> (length: Int, isOnly: Bool) {
    precondition(template.count >= text.byteCount)
    var isOnly = false
    let length = unsafe text.withUnsafeBytes { bytes in
      unsafe template.withUnsafeMutableBufferPointer { output in
        unsafe cscan_text_template(
          bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, output.baseAddress, &isOnly)
      }
    }
    return (length, isOnly)
  }

  /// Makes bytes of UTF-16LE code units, at the front of `narrow`, which grows where the units need more room.
  static func narrow(_ units: RawSpan, into narrow: inout [UInt8]) {
    let count = units.byteCount / 2
    if narrow.count < count { narrow = Array(repeating: 0, count: count) }
    unsafe units.withUnsafeBytes { buffer in
      guard let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      unsafe cscan_narrow(start, count, &narrow)
    }
  }

  private static func fill(
    _ matches: inout MatchList, _ bytes: RawSpan, from: Int, to: Int,
    _ kernel: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<cscan_match>, Int) -> Int
  ) {
    precondition(from >= 0 && from <= to && to <= bytes.byteCount && bytes.byteCount <= UInt32.max)
    unsafe bytes.withUnsafeBytes { buffer in
      let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe matches.fill { storage, capacity in
        unsafe storage.withMemoryRebound(to: cscan_match.self, capacity: capacity) { pointer in
          unsafe kernel(start, buffer.count, pointer, capacity)
        }
      }
    }
  }
}
