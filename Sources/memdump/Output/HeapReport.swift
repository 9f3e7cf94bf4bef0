import MemDump

/// What `memdump heap` prints.
struct HeapReport: Report {
  /// What the walk came to; nil where there is no heap of glibc's.
  let heap: HeapSummary?
  /// How a process was looked at.
  let proof: LookProof?
  /// What stands in the chunks of the classes that are printed.
  let samples: [ContentSample?]
  /// Whose heap it has besides, or instead.
  let others: [AllocatorKind]
  let python: PythonPools?
  let limit: Int?

  func describe(to page: inout some Rendering) throws {
    if let heap {
      try page.table("heap-class", Array(zip(heap.classes, samples)), fields(heap))
      describe(heap, to: &page)
    } else {
      page.line(Self.absence(others))
    }
    if heap != nil, !others.isEmpty { page.fact("also", "a heap of \(Self.names(others)), which is not walked") }
    if let python, python.count > 0 {
      page.fact(
        "pymalloc",
        "\(ByteSize(python.byteCount)) in \(counted(python.count, "pool")) of Python's own, in "
          + "\(counted(python.regionCount, "mapping")), not walked")
    }
    if let pause = proof?.pause { page.fact("pause", readableTime(nanoseconds: pause.duration)) }
    if let warning = proof?.warning { page.fact("WARNING", warning) }
    page.record("summary", members)
  }

  /// What is said where there is no heap of glibc's.
  static func absence(_ others: [AllocatorKind]) -> String {
    guard !others.isEmpty else { return "There is no heap of glibc's malloc here." }
    return "The heap is that of \(names(others)), not glibc's malloc: it is not walked."
  }

  /// The names of allocators.
  static func names(_ allocators: [AllocatorKind]) -> String { allocators.map(\.name).joined(separator: ", ") }

  private func fields(_ heap: HeapSummary) -> [Field<(HeapClass, ContentSample?)>] {
    [
      Field(.size, { $0.0.chunkByteCount }, .right("SIZE")) { grouped($0.0.chunkByteCount) },
      Field(.count, { $0.0.count }, .right("COUNT")) { grouped($0.0.count) },
      Field(.bytes, { $0.0.byteCount }, .right("BYTES")) { ByteSize($0.0.byteCount).description },
      Field(.right("SHARE")) { Self.share($0.0.byteCount, of: heap.used.byteCount) },
      Field("free_count", { $0.0.freeCount }, .right("FREE")) { grouped($0.0.freeCount) },
      Field(.left("CONTENT")) { $0.1?.label ?? "-" },
    ] + Field.sample { $0.1 }
  }

  private func describe(_ heap: HeapSummary, to page: inout some Rendering) {
    page.fact("in use", "\(counted(heap.used.count, "chunk")), \(ByteSize(heap.used.byteCount))\(mapped(heap))")
    page.fact(
      "free",
      "\(counted(heap.free.count, "chunk")), \(ByteSize(heap.free.byteCount)): "
        + "\(grouped(heap.cachedCount)) in caches of threads, \(grouped(heap.fastCount)) in fastbins, "
        + "\(grouped(heap.binnedCount)) in bins; \(ByteSize(heap.topByteCount)) at the top")
    page.fact(
      "arenas", heap.arenaCount == 0 ? "not known: there is no data of the C library" : grouped(heap.arenaCount))
    page.fact(
      "walked",
      "\(ByteSize(heap.walkedByteCount)) "
        + (heap.breakCount == 0
          ? "without a break"
          : "with \(counted(heap.breakCount, "break")), \(ByteSize(heap.skippedByteCount)) skipped"))
    for broken in heap.breaks.prefix(5) {
      let rest = broken.resumedAt.map { "went on at \($0)" } ?? "nothing more was found"
      page.fact("broke", "at \(broken.address) (\(sentence(broken.reason))); \(rest)")
    }
    if heap.brokenListCount > 0 {
      page.fact("NOTE", "\(counted(heap.brokenListCount, "free list")) could not be followed to the end")
    }
    if heap.missingByteCount > 0 {
      page.fact("NOTE", "\(ByteSize(heap.missingByteCount)) of the main arena were not found")
    }
    if heap.unwalkedArenaCount > 0 {
      page.fact("NOTE", "\(counted(heap.unwalkedArenaCount, "arena")) could not be walked")
    }
  }

  private func mapped(_ heap: HeapSummary) -> String {
    guard heap.mapped.count > 0 || (heap.expectedMappedCount ?? 0) > 0 else { return "" }
    let expected = heap.expectedMappedCount.map { " of \(grouped($0))" } ?? ""
    return "; \(grouped(heap.mapped.count))\(expected) with a mapping of their own, \(ByteSize(heap.mapped.byteCount))"
  }

  private func sentence(_ reason: HeapSummary.Break.Reason) -> String {
    switch reason {
    case .size: "not a size that a chunk has"
    case .end: "the chunk would reach behind the end"
    case .next: "what it leads to does not agree with it"
    case .unread: "it was not read"
    }
  }

  private static func share(_ part: UInt64, of whole: UInt64) -> String {
    percentage(thousandths: whole == 0 ? 0 : UInt64(Double(part) / Double(whole) * 1000))
  }

  private var members: [Member] {
    [
      Member(.allocator, heap != nil ? AllocatorKind.glibc.rawValue : others.first?.rawValue),
      Member(.otherAllocators, others.map(\.rawValue)),
      Member("classes", heap?.classes.count),
      Member("chunks", heap?.used.count),
      Member(.bytes, heap?.used.byteCount),
      Member("free_chunks", heap?.free.count),
      Member("free_bytes", heap?.free.byteCount),
      Member("tcache_chunks", heap?.cachedCount),
      Member("fastbin_chunks", heap?.fastCount),
      Member("bin_chunks", heap?.binnedCount),
      Member("top_bytes", heap?.topByteCount),
      Member("mapped_chunks", heap?.mapped.count),
      Member("mapped_bytes", heap?.mapped.byteCount),
      Member("mapped_chunks_expected", heap?.expectedMappedCount),
      Member("arenas", heap?.arenaCount),
      Member("main_arena", heap?.mainArena),
      Member("walked_bytes", heap?.walkedByteCount),
      Member("skipped_bytes", heap?.skippedByteCount),
      Member("missing_bytes", heap?.missingByteCount),
      Member("breaks", heap?.breakCount),
      Member("first_break", heap?.breaks.first?.address),
      Member("broken_lists", heap?.brokenListCount),
      Member("unwalked_arenas", heap?.unwalkedArenaCount),
      Member("pymalloc_bytes", python?.byteCount),
      Member("pymalloc_pools", python?.count),
    ] + LookProof.members(of: [proof])
  }
}

extension ContentSample {
  /// What stands in the chunks, for people.
  var label: String {
    let content =
      switch kind {
      case .sockaddr: "sockaddr \(text)"
      case .template: "text \(text)"
      case .pointer: "pointer to \(readable ?? text)"
      }
    return "\(content) (\(count) of \(total))"
  }
}

extension Field {
  /// The fields that tell what stands in the chunks of a class; null where nothing is recognised.
  static func sample(_ sample: @escaping @Sendable (Row) -> ContentSample?) -> [Field] {
    [
      Field("sample_kind") { sample($0)?.kind.rawValue },
      Field("sample") { sample($0)?.text },
      Field("sample_readable") { sample($0)?.readable },
      Field("sample_count") { sample($0)?.count },
      Field("sample_of") { sample($0)?.total },
      Field("sample_address") { sample($0)?.example },
    ]
  }
}
