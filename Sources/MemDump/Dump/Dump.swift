public import SystemPackage

/// Copies a region of a live process to a file or a stream, without leaving the process stopped.
public struct Dump: Sendable {
  /// How the process is treated while it is read.
  public enum Mode: String, CaseIterable, Sendable {
    /// It runs on; pages are read one after the other.
    case live
    /// It stands still for the time of a copy in memory: all bytes are of one instant.
    case stop
    /// It stands still for the time of a fork: all private memory is of one instant, kept by a copy-on-write child.
    case snapshot

    /// How memory of one instant is kept; nil where there is no such instant.
    public var method: Capture.Method? {
      switch self {
      case .live: nil
      case .stop: .copy
      case .snapshot: .child(reserve: SnapshotCheck.reserve)
      }
    }
  }

  /// Where the bytes go.
  public enum Output: Sendable {
    /// A file with its manifest beside it; `replacing` an existing one or not.
    case file(FilePath, replacing: Bool)
    /// An open file or pipe, by the name it has in errors.
    case stream(FileDescriptor, FilePath)
  }

  /// What was done, and the proof that the process runs as before.
  public struct Summary: Sendable {
    /// The addresses.
    public var range: Range<Address>
    /// What the first region is called.
    public var label: String
    /// How it was read.
    public var mode: Mode
    /// Bytes that were written.
    public var byteCount: UInt64
    /// What was not written, and why.
    public var holes: [Manifest.Hole]
    /// The pause; nil in mode live.
    public var pause: Pause?
    /// What was read after the process ran again, though a stop was asked for: the budget or the room ran out.
    public var readLive: [Range<Address>]
    /// What was copied while the process stood still.
    public var readInStop: [Range<Address>] = []
    /// What a copy-on-write child kept.
    public var readFromChild: [Range<Address>] = []
    /// Whether the process was left with a child that has ended (a zombie): both of us who could take it away have failed.
    public var leavesChild = false
    /// Threads that did not stop, being in uninterruptible sleep.
    public var runningThreadCount: Int
    /// The process before.
    public var before: Witness
    /// The process after; nil where it has ended.
    public var after: Witness?

    /// Bytes of untouched memory.
    public var absentByteCount: UInt64 { sum { $0 == "untouched" } }
    /// Bytes that could not be read, or were left alone.
    public var unreadByteCount: UInt64 { sum { $0 != "untouched" } }
    /// Whether the process was seen to run as before.
    public var isVerified: Bool { !leavesChild && after.map { $0.runs(as: before) } ?? false }

    private func sum(_ includes: (String) -> Bool) -> UInt64 {
      holes.filter { includes($0.reason) }.reduce(0) { $0 + $1.range.byteCount }
    }
  }

  /// What to dump.
  public var selector: RegionSelector
  /// How.
  public var mode: Mode
  /// In the modes stop and snapshot, how long the process may stand still, in nanoseconds.
  public var budget: UInt64
  /// Describes a dump.
  public init(_ selector: RegionSelector, mode: Mode = .live, budget: UInt64 = 500_000_000) {
    (self.selector, self.mode, self.budget) = (selector, mode, budget)
  }

  /// Makes the dump.
  ///
  /// Throws where nothing, or not all, could be written; then no file is left behind, and the process runs as before.
  public func run(_ target: TargetProcess, to output: Output) throws(MemDumpError) -> Summary {
    if case .file(let path, let replacing) = output {
      try OutputFile.check(path, replacing: replacing)
      try OutputFile.check(Manifest.path(of: path), replacing: replacing)
    }
    let method = mode.method
    let holder = method == nil ? nil : try Holder.launch()
    let before = try Witness(target)
    let live = try LiveMemory(target)
    let range: Range<Address>
    let source: any MemorySource
    var capture: Capture?
    if let holder, let method {
      let taken = try Capture(live, holder: holder, budget: budget, by: method) { (regions) throws(MemDumpError) in
        [try selector.range(in: regions, of: target)]
      }
      guard let first = taken.ranges.first else { throw MemDumpError(.selector(selector.description, .wentAway)) }
      (range, source, capture) = (first, taken, taken)
    } else {
      (range, source) = (try selector.range(in: live.regions, of: target), live)
    }

    var manifest = manifest(of: target, range, source.regions)
    manifest.pause = capture?.pause.duration ?? 0
    (manifest.readInStop, manifest.readFromChild) = (capture?.readInStop ?? [], capture?.readFromChild ?? [])
    let result = try write(range, of: source, manifest: &manifest, readLive: { capture?.readLive ?? [] }, to: output) {
      () throws(MemDumpError) in try target.checkIdentity()
    }
    let leavesChild = capture.map { !$0.end() } ?? false
    return Summary(
      range: range, label: source.regions.index(holding: range.lowerBound).map { source.regions[$0].label } ?? "",
      mode: mode, byteCount: result.byteCount, holes: result.holes, pause: capture?.pause,
      readLive: capture?.readLive ?? [], readInStop: manifest.readInStop, readFromChild: manifest.readFromChild,
      leavesChild: leavesChild, runningThreadCount: capture?.runningThreadCount ?? 0, before: before,
      after: try? Witness(target))
  }

  /// Writes the bytes and the manifest; the files get their names only when `check` has found the process to be the same.
  private func write(
    _ range: Range<Address>, of source: any MemorySource, manifest: inout Manifest, readLive: () -> [Range<Address>],
    to output: Output, check: () throws(MemDumpError) -> Void
  ) throws(MemDumpError) -> RawFormat.Result {
    switch output {
    case .stream(let file, let path):
      let result = try RawFormat.stream(range, of: source, to: file, path: path)
      if mode == .live { try check() }
      return result
    case .file(let path, let replacing):
      let needed = try room(range, of: source)
      let dump = try OutputFile(path, replacing: replacing, needed: needed)
      let result = try RawFormat.write(range, of: source, to: dump)
      (manifest.holes, manifest.readLive) = (result.holes, readLive())
      // What was copied in a stop is whole even if the process has ended since.
      if mode == .live { try check() }
      let sidecar = try OutputFile(Manifest.path(of: path), replacing: replacing, needed: 0)
      let text = manifest.text
      try unsafe sidecar.write(text.span.bytes, at: 0)
      try sidecar.commit()
      do throws(MemDumpError) { try dump.commit() } catch {
        if !replacing { Syscall.unlink(Manifest.path(of: path)) }
        throw error
      }
      return result
    }
  }

  /// How many bytes of the range are there to be written, at most.
  private func room(_ range: Range<Address>, of source: any MemorySource) throws(MemDumpError) -> UInt64 {
    source.regions[source.regions.firstIndex(endingAfter: range.lowerBound)...]
      .prefix { $0.range.lowerBound < range.upperBound }
      .reduce(0) { total, region in
        let length = region.range.clamped(to: range).byteCount
        guard region.isPrivateAnonymous, let usage = region.usage else { return total + length }
        return total + min(length, usage.resident)
      }
  }

  private func manifest(of target: TargetProcess, _ range: Range<Address>, _ regions: [MemoryRegion]) -> Manifest {
    Manifest(
      process: target.id.rawValue, name: target.printableName,
      commandLine: target.commandLine().map { EscapedText($0).description },
      executable: EscapedText(target.executable()).description, startTime: target.startTime,
      takenAt: Syscall.wallTime, mode: mode.rawValue, pause: 0, base: range.lowerBound, byteCount: range.byteCount,
      regions: regions.filter { $0.range.overlaps(range) }.map { region in
        var region = region
        region.range = region.range.clamped(to: range)
        return region
      },
      holes: [], readLive: [])
  }
}
