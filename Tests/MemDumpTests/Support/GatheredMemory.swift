import SystemPackage
import Synchronization

@testable import MemDump

/// A source as one to gather from: it has the bytes at once, copies them later, or holds them in its own memory.
final class GatheredMemory: StagedSource {
  enum Style: CaseIterable { case atOnce, later, held }

  private let source: any MemorySource
  private let style: Style
  private let unreadable: Range<Address>?
  private let heldBytes = Mutex<[UInt8]>([])
  private let gatherCounter = Mutex(0)

  var regions: [MemoryRegion] { source.regions }
  /// How often something was gathered.
  var gatherCount: Int { gatherCounter.withLock { $0 } }

  /// - Parameter unreadable: what cannot be copied, though it seemed to be there.
  init(_ source: any MemorySource, _ style: Style = .later, unreadable: Range<Address>? = nil) {
    (self.source, self.style, self.unreadable) = (source, style, unreadable)
  }

  func gather(
    _ range: Range<Address>, into buffer: inout MutableRawSpan
  ) throws(MemDumpError) -> [Stretch<StagedContent>] {
    gatherCounter.withLock { $0 += 1 }
    let wanted = Int(min(UInt64(buffer.byteCount), range.byteCount))
    var gathered: [Stretch<StagedContent>] = []
    try buffer.withPart(0..<wanted) { (part: inout MutableRawSpan) throws(MemDumpError) in
      let read = try source.read(at: range.lowerBound, into: &part)
      gathered = read.gathered(from: range.lowerBound, at: 0)
      for (index, stretch) in gathered.enumerated() {
        guard case .bytes(let place) = stretch.content else { continue }
        let bytes = place..<place + Int(stretch.range.byteCount)
        switch style {
        case .atOnce: continue
        case .later: gathered[index].content = .pending(at: place)
        case .held:
          gathered[index].content = .held(at: heldBytes.withLock { $0.count })
          heldBytes.withLock { held in part.withUnsafeMutableBytes { held += $0[bytes] } }
        }
        part.clear(bytes)
      }
    }
    return gathered
  }

  func copyPending(
    _ pending: [Syscall.Transfer], into buffer: inout MutableRawSpan
  ) throws(MemDumpError) -> [MemoryRun] {
    var runs: [MemoryRun] = []
    for transfer in pending {
      var done = 0
      while done < transfer.byteCount {
        let address = transfer.address + UInt64(done)
        if let unreadable, unreadable.contains(address) {
          let count = min(unreadable.upperBound - address, UInt64(transfer.byteCount - done))
          runs.append(MemoryRun(.unread(.failed(.badAddress)), count))
          done += Int(count)
          continue
        }
        var end = transfer.byteCount
        if let unreadable, unreadable.lowerBound > address {
          end = min(end, Int(clamping: unreadable.lowerBound - transfer.address))
        }
        let read = try buffer.withPart(transfer.offset + done..<transfer.offset + end) {
          (part: inout MutableRawSpan) throws(MemDumpError) in try source.read(at: address, into: &part)
        }
        guard let first = read.first else { return runs }
        runs.append(first)
        done += Int(first.byteCount)
      }
    }
    return runs
  }

  func withHeldBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    let bytes = heldBytes.withLock { Array($0[range]) }
    try body(bytes.span.bytes)
  }
}
