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
    let poison = Array(" 6.6.6.6:66 ".utf8)
    for place in 0..<buffer.byteCount {
      buffer.storeBytes(of: poison[place % poison.count], toByteOffset: place, as: UInt8.self)
    }
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
        for index in 0..<count {
          buffer.storeBytes(of: bytes[offset + index], toByteOffset: used + index, as: UInt8.self)
        }
        runs.append(MemoryRun(.bytes, UInt64(count)))
        place = place + UInt64(count)
      case .absent:
        let clear = min(Int(clamping: rest), buffer.byteCount - used)
        for index in 0..<clear { buffer.storeBytes(of: 0, toByteOffset: used + index, as: UInt8.self) }
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

  /// The byte at an address as a reader sees it; nil where it may see none.
  func byte(at address: Address) -> UInt8? {
    guard let index = stretches.firstIndex(where: { $0.range.contains(address) }) else { return nil }
    switch stretches[index].content {
    case .bytes(let bytes): return bytes[Int(address - stretches[index].range.lowerBound)]
    case .absent: return 0
    default: return nil
    }
  }
}

extension Range<Address> {
  fileprivate func joined(_ next: Range<Address>) -> Range<Address> { lowerBound..<next.upperBound }
}
