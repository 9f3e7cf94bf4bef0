import SystemPackage

extension Capture: StagedSource {
  func gather(
    _ range: Range<Address>, into target: inout MutableRawSpan
  ) throws(MemDumpError) -> [Stretch<StagedContent>] {
    guard let index = stretches.index(holding: range.lowerBound) else { return [] }
    let stretch = stretches[index].clamped(to: range)
    let range = stretch.range
    switch stretch.content {
    case .copied(let place):
      let held = Range(start: range.lowerBound, byteCount: min(range.byteCount, UInt64(target.byteCount)))
      return [Stretch(range: held, content: .held(at: place))]
    case .inChild:
      return try withChild([]) { (memory) throws(MemDumpError) in try memory.gather(range, into: &target) }
    case .notTaken:
      let gathered = try live.gather(range, into: &target)
      if let last = gathered.last { noteLive((range.lowerBound..<last.range.upperBound).clamped(to: range)) }
      return gathered
    case .notPresent where isUntouched(range.lowerBound):
      return [Stretch(range: range, content: .gap(.absent))]
    case .notPresent, .swapped, .unread:
      return try read(at: range.lowerBound, into: &target).gathered(from: range.lowerBound, at: 0)
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

  /// Whether a page that was not present has no file behind it either, so that the page reads as zeros.
  private func isUntouched(_ address: Address) -> Bool {
    guard let index = regions.index(holding: address) else { return false }
    return regions[index].isPrivateAnonymous && !regions[index].isDevice
  }

  private func isInChild(_ address: Address) -> Bool {
    stretches.index(holding: address).map { stretches[$0].content == .inChild } ?? false
  }

  func withHeldBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) { try buffer.withBytes(range, body) }
}
