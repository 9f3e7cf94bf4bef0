import SystemPackage

extension LiveMemory: StagedSource {
  func gather(
    _ range: Range<Address>, into buffer: inout MutableRawSpan
  ) throws(MemDumpError) -> [Stretch<StagedContent>] {
    guard let index = regions.index(holding: range.lowerBound), buffer.byteCount > 0 else { return [] }
    let region = regions[index]
    let range = range.clamped(to: region.range)
    if region.isDevice { return [Stretch(range: range, content: .gap(.unread(.device)))] }
    var gathered: [Stretch<StagedContent>] = []
    var used = 0
    for stretch in try stretches(of: range, atMost: buffer.byteCount) {
      let room = UInt64(buffer.byteCount - used)
      let byteCount = stretch.range.byteCount
      let taken = min(byteCount, room)
      let wanted = Range(start: stretch.range.lowerBound, byteCount: taken)
      switch stretch.content {
      case .swapped:
        gathered.append(Stretch(range: stretch.range, content: .gap(.unread(.swapped))))
      case .missing where region.isPrivateAnonymous:
        gathered.append(Stretch(range: stretch.range, content: .gap(.absent)))
      case .missing:
        if taken == 0 { return gathered }
        let found = buffer.withPart(used..<used + Int(taken)) { part in
          missing(wanted, upTo: stretch.range.upperBound, of: region, into: &part)
        }
        gathered += found.gathered(from: wanted.lowerBound, at: used)
        used += Int(taken)
        // All that there is of it, or a hole that is longer than the room.
        guard found.reduce(0, { $0 + $1.byteCount }) == byteCount else { return gathered }
      case .resident:
        if taken > 0 { gathered.append(Stretch(range: wanted, content: .pending(at: used))) }
        used += Int(taken)
        guard taken == byteCount else { return gathered }
      }
    }
    return gathered
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
