public import SystemPackage
internal import Synchronization

/// A dump: a copy of memory of a live process to a file or a stream, which never leaves the process stopped.
public struct Dump: Sendable {
  /// The choice of memory.
  public enum Selection: Sendable {
    /// The regions that any of the selectors matches.
    case regions([RegionSelector])
    /// The regions that the filter lets through; nil for the filter of the process (coredump_filter, core(5)).
    case all(CoreFilter?, includingDontDump: Bool)
  }

  /// The output: where the bytes go.
  public enum Output: Sendable {
    /// A file with its manifest beside it; `replacing` an existing one or not.
    case file(FilePath, replacing: Bool)
    /// An open file or pipe, with the name for errors.
    case stream(FileDescriptor, FilePath)
  }

  /// The memory to dump.
  public var selection: Selection
  /// What of that memory is dumped.
  public var filter = RegionFilter()
  /// The format of the dump; raw takes one stretch of memory.
  public var format: DumpFormat
  /// The mode of the look at the process; nil to choose it, see ``ModeChoice``.
  public var mode: LookMode?
  /// In the modes stop and snapshot, how long the process may stand still, in nanoseconds.
  public var budget: Duration
  /// Whether swapped pages are read too, which makes them resident in the process again.
  public var readsSwap = false
  /// The type that makes the digest of the file; nil for no digest.
  public var digest: (any FileDigest.Type)?

  /// Describes a dump.
  public init(
    _ selection: Selection, format: DumpFormat = .core, mode: LookMode? = .live, budget: Duration = .milliseconds(500)
  ) {
    (self.selection, self.format, self.mode, self.budget) = (selection, format, mode, budget)
  }

  /// Describes a raw dump of one region.
  public init(_ selector: RegionSelector, mode: LookMode? = .live, budget: Duration = .milliseconds(500)) {
    self.init(.regions([selector]), format: .raw, mode: mode, budget: budget)
  }

  /// Makes the dump.
  ///
  /// Throws where nothing, or not all, could be written, or `control` was told to stop; then no file is left behind,
  /// and the process runs as before.
  public func run(
    _ target: TargetProcess, to output: Output, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> Summary {
    if case .file(let path, let replacing) = output {
      try OutputFile.check(path, replacing: replacing)
      try OutputFile.check(Manifest.path(of: path), replacing: replacing)
    }
    guard format.holdsOneRange || !target.isNarrow else { throw MemDumpError(.narrow(target.label)) }
    let select = try selecting(target)
    // For a moment after a stop, a process that a signal had stopped before seems to run.
    let facts = ProcessFacts(target)
    let look = try ProcessLook(
      target, mode: mode, budget: budget, withRegisters: !format.holdsOneRange, readsSwap: readsSwap,
      map: plainMap(of: target, select), select: select)
    let (memory, contents) = (look.memory, look.ranges)
    guard !contents.isEmpty else { throw MemDumpError(.nothingSelected(target.label)) }

    let image = ProcessImage(
      regions: memory.regions, contents: contents, facts: facts, threads: memory.registers ?? [])
    let layout = format.layout(image)
    var manifest = Manifest(of: target, format: format, mode: look.mode, image: image, byteCount: layout.byteCount)
    let writing = DumpWriting(
      layout: layout, contents: contents, source: memory, digest: digest, control: control, target: target)
    let result: DumpWriting.Result
    let proof: LookProof
    switch output {
    case .stream(let file, let path):
      result = try writing.write(to: file, path: path)
      proof = try look.end()
    case .file(let path, let replacing):
      (result, proof) = try writing.write(to: path, replacing: replacing) { () throws(MemDumpError) in
        try look.end()
      } manifest: { result, proof in
        manifest.complete(with: result, contents: contents, proof: proof)
        return manifest
      }
    }
    return Summary(
      contents: contents,
      label: memory.regions.index(holding: contents[0].lowerBound).map { memory.regions[$0].label } ?? "",
      format: format, fileByteCount: layout.byteCount, byteCount: result.copied.byteCount,
      writtenByteCount: result.writtenByteCount, holes: result.copied.holes, digest: result.digest,
      registers: memory.registers, proof: proof, leftover: result.leftover)
  }

  /// The map without usage, for which the kernel would go over all pages of the process first; nil where
  /// something depends on usage: only usage tells memory of devices, which has a name.
  private func plainMap(of target: TargetProcess, _ select: ProcessLook.Selection) -> [MemoryRegion]? {
    guard mode == .live, case .regions(let selectors) = selection, !selectors.contains(.largest),
      let regions = try? target.regions(usage: false), let ranges = try? select(regions)
    else { return nil }
    let parts = ranges.flatMap { regions.parts(of: $0) }
    return parts.allSatisfy { $0.content?.isPrivateAnonymous ?? true } ? regions : nil
  }

  /// The choice of memory by a map. What has to be asked of the process for that is asked now, and not in a stop.
  private func selecting(_ target: TargetProcess) throws(MemDumpError) -> ProcessLook.Selection {
    switch selection {
    case .all(let asked, let includingDontDump):
      let filter = asked ?? target.coreFilter()
      return { regions throws(MemDumpError) in
        let contents = filter.contents(of: regions, includingDontDump: includingDontDump)
        return try limit(self.filter.selection(of: contents, in: regions, of: target.label), regions, "--all")
      }
    case .regions(let selectors):
      return { regions throws(MemDumpError) in
        if format.holdsOneRange, selectors.count == 1, self.filter.isOpen {
          return [try selectors[0].range(in: regions, of: target.label)]
        }
        var ranges: [Range<Address>] = []
        for selector in selectors { ranges += try selector.ranges(in: regions, of: target.label) }
        let selected = try self.filter.selection(of: ranges.union(), in: regions, of: target.label)
        return try limit(selected, regions, selectors.map(\.description).joined(separator: ", "))
      }
    }
  }

  /// Throws where there are several ranges for a format that takes only one.
  private func limit(
    _ ranges: [Range<Address>], _ regions: [MemoryRegion], _ name: String
  ) throws(MemDumpError) -> [Range<Address>] {
    guard format.holdsOneRange, ranges.count > 1 else { return ranges }
    let matching = regions.filter { region in ranges.contains { $0.overlaps(region.range) } }
    throw MemDumpError(.selector(name, .severalMatch(matching.map(\.line))))
  }
}
