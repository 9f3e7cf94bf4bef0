import SystemPackage

extension LiveMemory: Gatherer {
  func gather(_ range: Range<Address>, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [GatheredRun] {
    guard let index = regions.index(holding: range.lowerBound), buffer.byteCount > 0 else { return [] }
    let region = regions[index]
    let range = range.clamped(to: region.range)
    if region.isDevice { return [GatheredRun(content: .gap(.unread(.device)), byteCount: range.byteCount)] }
    var runs: [GatheredRun] = []
    var used = 0
    for stretch in try stretches(of: range, atMost: buffer.byteCount) {
      let room = UInt64(buffer.byteCount - used)
      let byteCount = stretch.range.byteCount
      let taken = min(byteCount, room)
      switch stretch.content {
      case .swapped:
        runs.append(GatheredRun(content: .gap(.unread(.swapped)), byteCount: byteCount))
      case .missing where region.isPrivateAnonymous:
        runs.append(GatheredRun(content: .gap(.absent), byteCount: byteCount))
      case .missing:
        if taken == 0 { return runs }
        let place = Range(start: stretch.range.lowerBound, byteCount: taken)
        let found = buffer.withPart(used..<used + Int(taken)) { part in
          missing(place, upTo: stretch.range.upperBound, of: region, into: &part)
        }
        runs += GatheredRun.placed(found, at: used)
        used += Int(taken)
        // All that there is of it, or a hole that is longer than the room.
        guard found.reduce(0, { $0 + $1.byteCount }) == byteCount else { return runs }
      case .present:
        if taken > 0 { runs.append(GatheredRun(content: .pending(at: used), byteCount: taken)) }
        used += Int(taken)
        guard taken == byteCount else { return runs }
      }
    }
    return runs
  }

  func copyPending(_ pending: [Syscall.Transfer], into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun]
  {
    do throws(Errno) { return try copy(pending, into: &buffer) } catch { throw failure(error) }
  }

  func withHeldBytes<Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    preconditionFailure("no run is held")
  }
}
