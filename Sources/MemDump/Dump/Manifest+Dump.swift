extension Manifest {
  /// Makes a manifest of the facts that are known before the dump is written.
  init(of target: TargetProcess, format: DumpFormat, mode: LookMode, image: ProcessImage, byteCount: UInt64) {
    let first = format.holdsOneRange ? image.contents.first?.lowerBound : image.regions.first?.range.lowerBound
    let now = Syscall.wallNanoseconds
    self.init(
      format: format, tool: Version.text, process: target.id.rawValue, name: target.printableName,
      commandLine: image.facts.commandLine.map { EscapedText($0).description },
      executable: EscapedText(target.executable()).description, startTime: target.startTime,
      takenAt: Int64(now / 1_000_000_000), mode: mode.rawValue, pause: 0, instants: Self.microseconds(now...now),
      registers: image.threads.isEmpty ? .none : .stop,
      threadsWithoutRegisters: image.threads.filter(\.notes.isEmpty).map(\.thread), digest: nil,
      base: first ?? Address(0), byteCount: byteCount, regions: image.regions, holes: [], readLive: [])
    if format.holdsOneRange, let range = image.contents.first {
      regions = regions.filter { $0.range.overlaps(range) }.map { region in
        var region = region
        region.range = region.range.clamped(to: range)
        return region
      }
    }
  }

  /// Adds the facts that are known once the dump is written.
  mutating func complete(with result: DumpWriting.Result, contents: [Range<Address>], proof: LookProof?) {
    (holes, digest, instants) = (result.copied.holes, result.digest, Self.microseconds(result.instants))
    holes += format.missing(regions, contents).map { Hole(range: $0, reason: Hole.notSelected) }
    holes.sort { $0.range.lowerBound < $1.range.lowerBound }
    guard let proof, let pause = proof.pause else { return }
    (self.pause, readLive) = (pause.duration, proof.readLive)
    (readInStop, readFromChild) = (proof.readInStop, proof.readFromChild)
    // The two clocks tick alike; what lies between is how long ago the stop was.
    let offset = Syscall.wallNanoseconds &- Syscall.monotonicTime
    let (start, end) = (offset &+ pause.startedAt, offset &+ max(pause.startedAt, pause.releasedAt))
    instants = Self.microseconds(start...max(start, end))
  }

  private static func microseconds(_ nanoseconds: ClosedRange<UInt64>) -> ClosedRange<UInt64> {
    nanoseconds.lowerBound / 1000...nanoseconds.upperBound / 1000
  }
}
