public import MemDump

extension MemorySource {
  /// Reads a range to its end. The bytes of what was not read are zero; neighbouring runs of one sort are one.
  public func contents(
    _ range: Range<Address>, chunk: Int = 1 << 16
  ) throws -> (bytes: [UInt8], runs: [MemoryRun]) {
    var bytes: [UInt8] = []
    var runs: [MemoryRun] = []
    try walk(range, chunk: chunk) { run, part in
      bytes += run.content == .bytes ? part : [UInt8](repeating: 0, count: Int(run.byteCount))
      if let last = runs.last, last.content == run.content {
        runs[runs.count - 1].byteCount += run.byteCount
      } else {
        runs.append(run)
      }
    }
    return (bytes, runs)
  }

  /// Reads a range to its end, run by run; the bytes are those of a run of bytes, and empty for any other.
  public func walk(
    _ range: Range<Address>, chunk: Int = 1 << 16, _ body: (MemoryRun, [UInt8]) throws -> Void
  ) throws {
    var buffer = [UInt8](repeating: 0, count: chunk)
    var address = range.lowerBound
    while address < range.upperBound {
      let wanted = Int(min(UInt64(chunk), range.upperBound - address))
      if wanted < buffer.count { buffer.removeLast(buffer.count - wanted) }
      var span = buffer.mutableSpan
      var bytes = span.mutableBytes
      let runs = try read(at: address, into: &bytes)
      guard !runs.isEmpty else { throw TestFailure("nothing is mapped at \(address)") }
      var offset = 0
      for run in runs {
        let length = min(run.byteCount, range.upperBound - address)
        let isBytes = run.content == .bytes
        try body(MemoryRun(run.content, length), isBytes ? Array(buffer[offset..<offset + Int(length)]) : [])
        offset += isBytes ? Int(length) : min(Int(clamping: length), buffer.count - offset)
        address = address + length
      }
    }
  }
}
