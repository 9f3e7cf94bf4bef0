/// The samples of a profile for what grew in one process.
struct GrowthSamples {
  private let process: ProcessID?
  private let outermost: [Profile.Frame]
  /// What makes chunks, by their size; without those that several heaps have, since nobody knows of which it is.
  private let makers: [UInt64: GrowthMaker]
  private let paths: [AllocationPath]

  /// - Parameters:
  ///   - verdict: the verdict on the process.
  ///   - allocations: who allocates what grows; nil where that was not looked at.
  ///   - outermost: the frames around all of the process; none where it is the only one.
  init(_ verdict: WatchVerdict, _ allocations: AllocationSummary?, outermost: [Profile.Frame]) {
    (self.outermost, process) = (outermost, outermost.isEmpty ? nil : verdict.target.id)
    paths = allocations?.paths ?? []
    let sizes = verdict.rows.compactMap(\.growth.blockClass).filter(\.isSeenHandedOut).map(\.footprint)
    let counts = Dictionary(sizes.map { ($0, 1) }, uniquingKeysWith: +)
    makers = Dictionary(
      (allocations?.makers ?? []).filter { counts[$0.footprint] == 1 }.map { ($0.footprint, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The samples of a row, whose sums are its growth.
  func samples(of row: WatchVerdict.Row) -> [Profile.Sample] {
    let growth = row.growth
    var rest = HeapSummary.Sum(count: growth.blockGrowth, byteCount: growth.byteCount)
    let whole = rest
    var samples: [Profile.Sample] = []
    func add(_ part: HeapSummary.Sum, _ frames: [Profile.Frame], _ labels: [Profile.Label]) {
      guard part.count > 0 || part.byteCount > 0 else { return }
      samples.append(
        Profile.Sample(
          frames: outermost + frames, values: [part.count, part.byteCount], labels: self.labels(of: row) + labels))
      rest.count -= min(rest.count, part.count)
      rest.byteCount -= min(rest.byteCount, part.byteCount)
    }
    if let footprint = growth.blockClass.flatMap({ $0.isSeenHandedOut ? $0.footprint : nil }),
      let maker = makers[footprint]
    {
      add(
        whole.part(maker.growthThousandths, of: 1000), frames(of: maker),
        [
          .init("stack", .text("allocation")), .init("survived", .text("\(maker.survived) of \(maker.sampled)")),
        ] + held(row))
      add(rest, [Profile.Frame("[allocated elsewhere]"), frame(of: row)], [.init("stack", .text("class"))])
      return samples
    }
    for (holder, count) in holders(of: row) {
      add(
        whole.part(count, of: whole.count), holder.frames + [frame(of: row)],
        [.init("stack", .text("holder"))] + holder.labels)
    }
    // What may be held by others beside those that are told is told apart.
    let unknown = samples.isEmpty ? [] : [Profile.Frame("[holder not known]")]
    add(rest, unknown + [frame(of: row)], [.init("stack", .text("class"))])
    return samples
  }

  /// The frames of a call and those that led to it, the outermost first.
  private func frames(of maker: GrowthMaker) -> [Profile.Frame] {
    let calls = zip(maker.frames, maker.names).map { Profile.Frame(of: $0, $1) }
    let isCut = paths.contains {
      $0.footprint == maker.footprint && !$0.isWhole && Array($0.frames.suffix(maker.frames.count)) == maker.frames
    }
    return (isCut ? [Profile.Frame("[not known further]")] : []) + calls.reversed()
  }

  /// What a row is, as the innermost frame.
  private func frame(of row: WatchVerdict.Row) -> Profile.Frame {
    let key = EscapedText(row.growth.subject.key).description
    guard let footprint = row.growth.chunkByteCount else { return Profile.Frame(key) }
    return Profile.Frame("\(footprint) bytes" + (row.sample.map { ", \($0.title)" } ?? ""))
  }

  private func labels(of row: WatchVerdict.Row) -> [Profile.Label] {
    var labels: [Profile.Label] = []
    if let process { labels.append(.init("pid", .text(process.description))) }
    if let row = row.growth.blockClass {
      labels.append(.init("class", .number(row.footprint, unit: "bytes")))
    } else {
      labels.append(.init(row.growth.kind == .objectType ? "type" : "subject", .text(frame(of: row).name)))
    }
    if row.growth.heapTitle != nil, let name = row.growth.blockClass?.allocator {
      labels.append(.init("allocator", .text(name)))
    }
    if let sample = row.sample {
      labels.append(.init("content", .text(sample.title)))
      labels.append(.init("content_sampled", .text("\(sample.count) of \(sample.total)")))
    }
    return labels
  }

  private struct HeldPart {
    var frames: [Profile.Frame]
    var labels: [Profile.Label]
  }

  /// The holders that surely hold some of the new blocks or objects of a row, with how many.
  private func holders(of row: WatchVerdict.Row) -> [(HeldPart, UInt64)] {
    var found: [(HeldPart, UInt64)] = []
    func add(_ frames: [String], _ kind: String, _ count: Int, of sampled: Int, growth: UInt64) {
      guard growth > 0 else { return }
      let labels = [
        Profile.Label("holder", .text(kind)), Profile.Label("held_by_sampled", .text("\(count) of \(sampled)")),
      ]
      found.append((HeldPart(frames: frames.map { Profile.Frame($0) }, labels: labels), growth))
    }
    if let references = row.references {
      for holder in references.rows {
        let count = holder.count - holder.unsureCount
        add([holder.title], holder.kind.rawValue, count, of: references.sampled, growth: row.growth(of: holder))
      }
    } else if let holders = row.holders {
      for holder in holders.rows {
        let frames = [holder.end] + holder.steps.reversed()
        add(frames, holder.kind.rawValue, holder.count, of: holders.sampled, growth: row.growth(of: holder))
      }
    }
    return found
  }

  /// The labels for the holder of most blocks of a row whose stack is another.
  private func held(_ row: WatchVerdict.Row) -> [Profile.Label] {
    guard let references = row.references, let first = references.rows.first, first.unsureCount < first.count else {
      return []
    }
    return [
      .init("holder", .text(first.kind.rawValue)), .init("held_by", .text(first.title)),
      .init("held_by_sampled", .text("\(first.count - first.unsureCount) of \(references.sampled)")),
    ]
  }
}

extension HeapSummary.Sum {
  /// A share of the amounts, rounded down.
  fileprivate func part(_ share: UInt64, of whole: UInt64) -> HeapSummary.Sum {
    func part(_ amount: UInt64) -> UInt64 {
      guard share < whole else { return amount }
      let (high, low) = amount.multipliedFullWidth(by: share)
      return whole.dividingFullWidth((high, low)).quotient
    }
    return HeapSummary.Sum(count: part(count), byteCount: part(byteCount))
  }
}

extension BlockClass {
  /// Whether ``AllocationWatch`` sees the calls that hand out the blocks: Python and PHP have allocators within the program.
  public var isSeenHandedOut: Bool { ![Pymalloc().name, ZendMM().name].contains(allocator) }
}
