internal import CProcMem
internal import Glibc

/// The inner loops of the patterns that are C; see cprocmem_scan.h, which has their rules.
enum ScanKernel: Sendable {
  case ipv4Port, ipv4, ipv6Port, hostPort, url, email, uuid, sockaddr

  /// What a kernel is told.
  struct Options: OptionSet, Sendable {
    let rawValue: UInt32
    static let portZero = Options(rawValue: UInt32(CPROCMEM_SCAN_PORT_ZERO))
    static let word = Options(rawValue: UInt32(CPROCMEM_SCAN_WORD))
  }

  /// How many bytes on either side of its anchor a decision may look at.
  var reach: Int {
    switch self {
    case .ipv4Port: Int(CPROCMEM_IPV4_PORT_REACH)
    case .ipv4: Int(CPROCMEM_IPV4_REACH)
    case .ipv6Port: Int(CPROCMEM_IPV6_PORT_REACH)
    case .hostPort: Int(CPROCMEM_HOST_PORT_REACH)
    case .url: Int(CPROCMEM_URL_REACH)
    case .email: Int(CPROCMEM_EMAIL_REACH)
    case .uuid: Int(CPROCMEM_UUID_REACH)
    case .sockaddr: Int(CPROCMEM_SOCKADDR_REACH)
    }
  }

  /// How many bytes around those it is given ``Syscall/findStrings(_:encoding:shortest:from:to:into:)`` may look at.
  static var stringsMargin: Int { Int(CPROCMEM_STRINGS_MARGIN) }

  /// The longest needle of ``Syscall/findBytes(_:needle:mask:ignoringCase:from:to:into:)``.
  static var longestNeedle: Int { Int(CPROCMEM_NEEDLE_LONGEST) }
}

extension Syscall {
  /// Has the kernels use vectors of so many bytes at most; nil for what the processor has. For tests of those it would
  /// pass over.
  static func limitVectors(toByteCount limit: Int?) {
    cprocmem_limit_vectors(CInt(limit ?? Int(CPROCMEM_VECTORS_ANY)))
  }

  /// Runs a kernel over the anchors in `from ..< to`; `base` is the address of the first byte.
  static func scan(
    _ kernel: ScanKernel, _ bytes: RawSpan, base: Address, options: ScanKernel.Options = [], from: inout Int, to: Int,
    into matches: inout MatchList
  ) {
    let flags = options.rawValue
    unsafe fill(&matches, bytes, from: from, to: to) { start, count, storage, capacity in
      switch kernel {
      case .ipv4Port: unsafe cprocmem_scan_ipv4_port(start, count, &from, to, flags, storage, capacity)
      case .ipv4: unsafe cprocmem_scan_ipv4(start, count, &from, to, flags, storage, capacity)
      case .ipv6Port: unsafe cprocmem_scan_ipv6_port(start, count, &from, to, flags, storage, capacity)
      case .hostPort: unsafe cprocmem_scan_host_port(start, count, &from, to, flags, storage, capacity)
      case .url: unsafe cprocmem_scan_url(start, count, &from, to, flags, storage, capacity)
      case .email: unsafe cprocmem_scan_email(start, count, &from, to, flags, storage, capacity)
      case .uuid: unsafe cprocmem_scan_uuid(start, count, &from, to, flags, storage, capacity)
      case .sockaddr:
        unsafe cprocmem_scan_sockaddr(start, count, base.rawValue, &from, to, flags, storage, capacity)
      }
    }
  }

  /// Finds bytes; those bits of `needle` count that are set in `mask`, which is as long.
  static func findBytes(
    _ bytes: RawSpan, needle: [UInt8], mask: [UInt8], ignoringCase: Bool, from: inout Int, to: Int,
    into matches: inout MatchList
  ) {
    precondition(needle.count == mask.count)
    let flags = ignoringCase ? UInt32(CPROCMEM_SCAN_IGNORE_CASE) : 0
    unsafe fill(&matches, bytes, from: from, to: to) { start, count, storage, capacity in
      unsafe cprocmem_scan_bytes(start, count, &from, to, needle, mask, needle.count, flags, storage, capacity)
    }
  }

  /// Finds runs of printable characters; those that touch `from` or `to` whatever their length.
  static func findStrings(
    _ bytes: RawSpan, encoding: TextEncoding, shortest: Int, from: inout Int, to: Int, into matches: inout MatchList
  ) {
    let encoding =
      switch encoding {
      case .ascii: CPROCMEM_ASCII
      case .utf8: CPROCMEM_UTF8
      case .utf16: CPROCMEM_UTF16
      }
    unsafe fill(&matches, bytes, from: from, to: to) { start, count, storage, capacity in
      unsafe cprocmem_scan_strings(start, count, &from, to, encoding, shortest, storage, capacity)
    }
  }

  /// Asks for the element at an index to be brought near, so that many that lie far apart are waited for at once.
  static func prefetch<Element>(_ array: borrowing [Element], at index: Int) {
    unsafe array.withUnsafeBufferPointer { buffer in
      guard let element = unsafe buffer.baseAddress.map({ unsafe UnsafeRawPointer($0 + index) }) else { return }
      unsafe cprocmem_prefetch(element)
      // It may begin in one line of cache and end in the next.
      if MemoryLayout<Element>.size > 8 { unsafe cprocmem_prefetch(element + MemoryLayout<Element>.size - 1) }
    }
  }

  /// Writes the template of a text to the front of `template`, which has as much room; see ``TextTemplate``. Returns its
  /// length.
  static func writeTemplate(_ text: RawSpan, to template: inout [UInt8]) -> Int {
    precondition(template.count >= text.byteCount)
    return unsafe text.withUnsafeBytes { bytes in
      unsafe template.withUnsafeMutableBufferPointer { output in
        unsafe cprocmem_text_template(
          bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, output.baseAddress)
      }
    }
  }

  /// Makes bytes of UTF-16LE code units, at the front of `narrow`, which grows where it is too short.
  static func narrow(_ units: RawSpan, into narrow: inout [UInt8]) {
    let count = units.byteCount / 2
    if narrow.count < count { narrow = Array(repeating: 0, count: count) }
    unsafe units.withUnsafeBytes { buffer in
      guard let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      unsafe cprocmem_narrow(start, count, &narrow)
    }
  }

  private static func fill(
    _ matches: inout MatchList, _ bytes: RawSpan, from: Int, to: Int,
    _ kernel: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<cprocmem_match>, Int) -> Int
  ) {
    precondition(from >= 0 && from <= to && to <= bytes.byteCount && bytes.byteCount <= UInt32.max)
    unsafe bytes.withUnsafeBytes { buffer in
      let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe matches.fill { storage, capacity in
        unsafe storage.withMemoryRebound(to: cprocmem_match.self, capacity: capacity) { pointer in
          unsafe kernel(start, buffer.count, pointer, capacity)
        }
      }
    }
  }
}
