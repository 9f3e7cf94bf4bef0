import MemDump
import Synchronization

/// Memory with everything that a source may give: bytes, untouched and unread stretches, gaps. What of the buffer is not
/// promised is filled with a match, so that a reader who looks there is found out.
final class PatchyMemory: MemorySource {
  enum Stretch {
    case bytes([UInt8])
    case absent(UInt64)
    case unread(UInt64, UnreadReason)
    /// Not mapped.
    case gap(UInt64)
    /// A new region begins here, without a gap.
    case border

    var byteCount: UInt64 {
      switch self {
      case .bytes(let bytes): UInt64(bytes.count)
      case .absent(let count), .unread(let count, _), .gap(let count): count
      case .border: 0
      }
    }
  }

  let regions: [MemoryRegion]
  let hasAddresses = true
  let stretches: [(range: Range<Address>, content: Stretch)]
  private let longestRead: Int
  private let mostRuns: Int
  private static let poison = Array(repeatElement(match, count: 1 << 14).joined())
  /// A match of every pattern, in a multiple of 4 bytes.
  private static let match =
    [1, 0] + Array("/66\0[::6]:66 6.6.6.6:66 s.ix:66 ftp://six/66 six@six.six  ".utf8)
    + Array("66666666-6666-6666-6666-666666666666   ".utf8)
  private let readCounter = Mutex(0)

  /// How often it was read.
  var readCount: Int { readCounter.withLock { $0 } }

  /// - Parameters:
  ///   - longestRead: what one read gives of bytes at most.
  ///   - mostRuns: how many runs one read gives at most.
  init(start: UInt64 = 0x10000, _ stretches: [Stretch], longestRead: Int = .max, mostRuns: Int = .max) throws {
    var place = Address(start)
    var placed: [(range: Range<Address>, content: Stretch)] = []
    var mapped: [Range<Address>] = []
    var isNew = true
    for stretch in stretches {
      let range = Range(start: place, byteCount: stretch.byteCount)
      place = range.upperBound
      switch stretch {
      case .border: isNew = true
      case .gap: isNew = true
      default:
        guard !range.isEmpty else { continue }
        placed.append((range, stretch))
        if isNew { mapped.append(range) } else { mapped[mapped.count - 1] = mapped[mapped.count - 1].joined(range) }
        isNew = false
      }
    }
    self.stretches = placed
    let lines = mapped.map { range in
      String(range.lowerBound.rawValue, radix: 16) + "-" + String(range.upperBound.rawValue, radix: 16)
        + " rw-p 00000000 00:00 0\n"
    }
    regions = try MapsParser.parse(Array(lines.joined().utf8))
    (self.longestRead, self.mostRuns) = (longestRead, mostRuns)
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    readCounter.withLock { $0 += 1 }
    let poisoned = min(buffer.byteCount, Self.poison.count)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: Self.poison[..<poisoned]) }
    let end = regions.first { $0.range.contains(address) }?.range.upperBound ?? address
    var runs: [MemoryRun] = []
    var place = address
    var used = 0
    for stretch in stretches where stretch.range.contains(place) && place < end {
      guard used < min(buffer.byteCount, longestRead), runs.count < mostRuns else { break }
      let rest = stretch.range.upperBound - place
      let room = min(buffer.byteCount, longestRead) - used
      let count = min(Int(clamping: rest), room)
      switch stretch.content {
      case .bytes(let bytes):
        let offset = Int(place - stretch.range.lowerBound)
        buffer.withUnsafeMutableBytes { $0[used...].copyBytes(from: bytes[offset..<offset + count]) }
        runs.append(MemoryRun(.bytes, UInt64(count)))
        place = place + UInt64(count)
      case .absent:
        let clear = min(Int(clamping: rest), buffer.byteCount - used)
        buffer.withUnsafeMutableBytes { _ = $0[used..<used + clear].initializeMemory(as: UInt8.self, repeating: 0) }
        runs.append(MemoryRun(.absent, rest))
        place = stretch.range.upperBound
      case .unread(_, let reason):
        runs.append(MemoryRun(.unread(reason), rest))
        place = stretch.range.upperBound
      case .gap, .border: break
      }
      used += Int(clamping: min(rest, UInt64(count)))
      if rest > UInt64(room) { break }
    }
    return runs
  }

  /// The stretches of bytes without anything between them, with what surrounds them left out: an independent account of
  /// what a reader may see. Untouched memory is a boundary like NUL.
  var runsOfBytes: [(start: UInt64, bytes: [UInt8])] {
    var runs: [(start: UInt64, bytes: [UInt8])] = []
    for stretch in stretches {
      guard case .bytes(let bytes) = stretch.content else { continue }
      if let last = runs.last, last.start + UInt64(last.bytes.count) == stretch.range.lowerBound.rawValue {
        runs[runs.count - 1].bytes += bytes
      } else {
        runs.append((stretch.range.lowerBound.rawValue, bytes))
      }
    }
    return runs
  }

  /// The runs that a scan sees, with untouched memory as zeros, of which no more than `zeroCount` on each side count.
  func runs(zeroCount: UInt64) -> [(start: UInt64, bytes: [UInt8])] {
    var runs: [(start: UInt64, bytes: [UInt8])] = []
    func add(_ start: Address, _ bytes: [UInt8]) {
      if let last = runs.last, last.start + UInt64(last.bytes.count) == start.rawValue {
        runs[runs.count - 1].bytes += bytes
      } else {
        runs.append((start.rawValue, bytes))
      }
    }
    for (range, content) in stretches {
      switch content {
      case .bytes(let bytes): add(range.lowerBound, bytes)
      case .absent(let count) where count <= 2 * zeroCount:
        add(range.lowerBound, [UInt8](repeating: 0, count: Int(count)))
      case .absent:
        let zeros = [UInt8](repeating: 0, count: Int(zeroCount))
        add(range.lowerBound, zeros)
        add(range.upperBound - zeroCount, zeros)
      case .unread, .gap, .border: break
      }
    }
    return runs
  }

  /// The bytes at some addresses as a reader sees them; nil where it may not see all of them.
  func bytes(at range: Range<Address>) -> [UInt8]? {
    var seen: [UInt8] = []
    for stretch in stretches where stretch.range.overlaps(range) {
      let part = stretch.range.clamped(to: range)
      guard part.lowerBound == range.lowerBound + UInt64(seen.count) else { return nil }
      switch stretch.content {
      case .bytes(let bytes):
        let offset = Int(part.lowerBound - stretch.range.lowerBound)
        seen += bytes[offset..<offset + Int(part.byteCount)]
      case .absent: seen += repeatElement(0, count: Int(part.byteCount))
      default: return nil
      }
    }
    return UInt64(seen.count) == range.byteCount ? seen : nil
  }
}

extension Range<Address> {
  fileprivate func joined(_ next: Range<Address>) -> Range<Address> { lowerBound..<next.upperBound }
}
