internal import CScanKernels
internal import Synchronization

/// Literals made ready to be looked for together; see CScanKernels.h. Several threads may use one.
@safe final class LiteralKernel: @unchecked Sendable {
  fileprivate let set: OpaquePointer

  /// Nil where there is no memory for it, or a literal is empty or longer than ``ScanKernel/longestNeedle``.
  init?(_ literals: [Literal]) {
    let bytes = literals.flatMap(\.bytes)
    let masks = literals.flatMap(\.mask)
    let set = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe masks.withUnsafeBufferPointer { masks -> OpaquePointer? in
        guard let first = bytes.baseAddress, let firstMask = masks.baseAddress else { return nil }
        var start = 0
        let entries = unsafe literals.map { literal in
          defer { start += literal.bytes.count }
          return unsafe cscan_literal(bytes: first + start, mask: firstMask + start, length: literal.bytes.count)
        }
        return unsafe cscan_literals_create(entries, entries.count)
      }
    }
    guard let set = unsafe set else { return nil }
    unsafe self.set = set
  }

  deinit { unsafe cscan_literals_free(set) }
}

/// A place where a literal of a set stands.
struct LiteralPlace: Comparable {
  fileprivate let rawValue: UInt64

  /// The offset of the first byte in the searched bytes.
  var offset: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
  /// The place of the literal in the list of the set.
  var literal: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }

  /// Orders by place, then by literal.
  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The search for a set of literals by one thread at a time, with the memory that the search writes to.
@safe final class LiteralSearch: @unchecked Sendable {
  private static let leastCapacity = 4096
  private let kernel: LiteralKernel
  private let capacity: Int
  private let found: UnsafeMutablePointer<UInt64>
  private let scratch: UnsafeMutableRawPointer
  /// The places of the last search, in order.
  private(set) var places: [LiteralPlace] = []

  init(_ kernel: LiteralKernel) {
    self.kernel = kernel
    capacity = unsafe max(Self.leastCapacity, cscan_literals_capacity(kernel.set))
    unsafe found = .allocate(capacity: capacity)
    unsafe scratch = .allocate(byteCount: max(1, cscan_literals_scratch(kernel.set)), alignment: 16)
  }

  deinit {
    unsafe found.deallocate()
    unsafe scratch.deallocate()
  }

  /// Finds the literals that begin in `from ..< to` and end in `bytes`.
  func run(_ bytes: RawSpan, from: Int, to: Int) {
    precondition(from >= 0 && from <= to && to <= bytes.byteCount && bytes.byteCount <= UInt32.max)
    places.removeAll(keepingCapacity: true)
    var cursor = cscan_literal_cursor()
    unsafe bytes.withUnsafeBytes { buffer in
      guard let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      while !cursor.is_done {
        let count = unsafe cscan_find_literals(
          kernel.set, start, buffer.count, from, to, &cursor, scratch, found, capacity)
        precondition(count <= capacity)
        for index in 0..<count { unsafe places.append(LiteralPlace(rawValue: found[index])) }
      }
    }
    // They are in order but where literals of several filters, or of several distances, are near each other.
    if !zip(places, places.dropFirst()).allSatisfy({ $0 <= $1 }) { places.sort() }
  }
}

/// Searches for a set of literals by any number of threads.
@safe final class LiteralSearches: Sendable {
  private let kernel: LiteralKernel
  private let idle = Mutex<[LiteralSearch]>([])

  init(_ kernel: LiteralKernel) { self.kernel = kernel }

  /// Lends a search to `body`.
  func withSearch<Result>(_ body: (LiteralSearch) -> Result) -> Result {
    let search = idle.withLock { $0.popLast() } ?? LiteralSearch(kernel)
    defer { idle.withLock { $0.append(search) } }
    return body(search)
  }
}
