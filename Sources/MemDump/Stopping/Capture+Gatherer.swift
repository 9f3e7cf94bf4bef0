import SystemPackage

extension Capture: Gatherer {
  func gather(_ range: Range<Address>, into target: inout MutableRawSpan) throws(MemDumpError) -> [GatheredRun] {
    let index = pieces.partitionIndex { $0.range.upperBound > range.lowerBound }
    guard index < pieces.endIndex, pieces[index].range.contains(range.lowerBound) else { return [] }
    let piece = pieces[index]
    let range = range.clamped(to: piece.range)
    switch piece.content {
    case .copied(let offset):
      let start = offset + Int(range.lowerBound - piece.range.lowerBound)
      return [GatheredRun(content: .held(at: start), byteCount: min(range.byteCount, UInt64(target.byteCount)))]
    case .inChild:
      return try withChild([]) { (memory) throws(MemDumpError) in try memory.gather(range, into: &target) }
    case .notTaken:
      let runs = try live.gather(range, into: &target)
      noteLive(Range(start: range.lowerBound, byteCount: min(range.byteCount, runs.reduce(0) { $0 + $1.byteCount })))
      return runs
    case .notPresent where isUntouched(range.lowerBound):
      return [GatheredRun(content: .gap(.absent), byteCount: range.byteCount)]
    case .notPresent, .swapped, .unread:
      return GatheredRun.placed(try read(at: range.lowerBound, into: &target), at: 0)
    }
  }

  func copyPending(_ pending: [Syscall.Transfer], into target: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun]
  {
    var runs: [MemoryRun] = []
    var rest = pending[...]
    while let first = rest.first {
      let isKept = isInChild(first.address)
      let alike = rest.prefix { isInChild($0.address) == isKept }
      rest = rest.dropFirst(alike.count)
      if isKept {
        runs += try withChild([]) { (memory) throws(MemDumpError) in try memory.copyPending(Array(alike), into: &target)
        }
      } else {
        runs += try live.copyPending(Array(alike), into: &target)
      }
    }
    return runs
  }

  /// Whether a page that was not there has no file behind it either.
  private func isUntouched(_ address: Address) -> Bool {
    guard let index = regions.index(holding: address) else { return false }
    return regions[index].isPrivateAnonymous && !regions[index].isDevice
  }

  private func isInChild(_ address: Address) -> Bool {
    pieces[pieces.partitionIndex { $0.range.upperBound > address }].content == .inChild
  }

  func withHeldBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) { try buffer.withBytes(range, body) }
}
