import MemDump

/// What `memdump heap` prints.
struct HeapReport {
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

  /// Lines for people.
  var text: String {
    var lines: [String] = []
    if let heap { lines += [table(heap)] + facts(heap) } else { lines.append(Self.absence(others)) }
    if heap != nil, !others.isEmpty {
      lines.append("  also      a heap of \(Self.names(others)), which is not walked")
    }
    if let python, python.count > 0 {
      lines.append(
        "  pymalloc  \(ByteSize(python.byteCount)) in \(counted(python.count, "pool")) of Python's own, in "
          + "\(counted(python.regionCount, "mapping")), not walked")
    }
    if let pause = proof?.pause { lines.append("  pause     \(readableTime(nanoseconds: pause.duration))") }
    if let warning = proof?.warning { lines.append("  WARNING   \(warning)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What is said where there is no heap of glibc's.
  static func absence(_ others: [AllocatorKind]) -> String {
    guard !others.isEmpty else { return "There is no heap of glibc's malloc here." }
    return "The heap is that of \(names(others)), not glibc's malloc: it is not walked."
  }

  /// The names of allocators.
  static func names(_ allocators: [AllocatorKind]) -> String { allocators.map(\.name).joined(separator: ", ") }

  private func table(_ heap: HeapSummary) -> String {
    var table = Table([
      ("SIZE", .right), ("COUNT", .right), ("BYTES", .right), ("SHARE", .right), ("FREE", .right), ("CONTENT", .left),
    ])
    for (row, sample) in zip(heap.classes, samples) {
      table.add([
        grouped(row.chunkByteCount), grouped(row.count), ByteSize(row.byteCount).description,
        share(row.byteCount, of: heap.used.byteCount), grouped(row.freeCount), sample?.label ?? "-",
      ])
    }
    return String(table.text.dropLast())
  }

  private func facts(_ heap: HeapSummary) -> [String] {
    var lines = [
      "  in use    \(counted(heap.used.count, "chunk")), \(ByteSize(heap.used.byteCount))\(mapped(heap))",
      "  free      \(counted(heap.free.count, "chunk")), \(ByteSize(heap.free.byteCount)): "
        + "\(grouped(heap.cachedCount)) in caches of threads, \(grouped(heap.fastCount)) in fastbins, "
        + "\(grouped(heap.binnedCount)) in bins; \(ByteSize(heap.topByteCount)) at the top",
      "  arenas    "
        + (heap.arenaCount == 0 ? "not known: there is no data of the C library" : grouped(heap.arenaCount)),
      "  walked    \(ByteSize(heap.walkedByteCount)) "
        + (heap.breakCount == 0
          ? "without a break"
          : "with \(counted(heap.breakCount, "break")), \(ByteSize(heap.skippedByteCount)) skipped"),
    ]
    for broken in heap.breaks.prefix(5) {
      let rest = broken.resumedAt.map { "went on at \($0)" } ?? "nothing more was found"
      lines.append("  broke     at \(broken.address) (\(sentence(broken.reason))); \(rest)")
    }
    if heap.brokenListCount > 0 {
      lines.append("  NOTE      \(counted(heap.brokenListCount, "free list")) could not be followed to the end")
    }
    if heap.missingByteCount > 0 {
      lines.append("  NOTE      \(ByteSize(heap.missingByteCount)) of the main arena were not found")
    }
    if heap.unwalkedArenaCount > 0 {
      lines.append("  NOTE      \(counted(heap.unwalkedArenaCount, "arena")) could not be walked")
    }
    return lines
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

  private func share(_ part: UInt64, of whole: UInt64) -> String {
    percentage(thousandths: whole == 0 ? 0 : UInt64(Double(part) / Double(whole) * 1000))
  }

  /// A line of type `heap-class` for each class, then one of type `summary`.
  var json: [UInt8] {
    var writer = JSONWriter()
    for (row, sample) in zip(heap?.classes ?? [], samples) {
      writer.object { object in
        object.member("type", "heap-class")
        object.member("size", row.chunkByteCount)
        object.member("count", row.count)
        object.member("bytes", row.byteCount)
        object.member("free_count", row.freeCount)
        object.add(sample)
      }
      writer.endLine()
    }
    writer.object { object in
      object.member("type", "summary")
      object.member("allocator", heap != nil ? AllocatorKind.glibc.rawValue : others.first?.rawValue)
      object.member("other_allocators") { list in
        list.array { values in for kind in others { values.value(kind.rawValue) } }
      }
      object.member("classes", heap?.classes.count)
      object.member("chunks", heap?.used.count)
      object.member("bytes", heap?.used.byteCount)
      object.member("free_chunks", heap?.free.count)
      object.member("free_bytes", heap?.free.byteCount)
      object.member("tcache_chunks", heap?.cachedCount)
      object.member("fastbin_chunks", heap?.fastCount)
      object.member("bin_chunks", heap?.binnedCount)
      object.member("top_bytes", heap?.topByteCount)
      object.member("mapped_chunks", heap?.mapped.count)
      object.member("mapped_bytes", heap?.mapped.byteCount)
      object.member("mapped_chunks_expected", heap?.expectedMappedCount)
      object.member("arenas", heap?.arenaCount)
      object.member("main_arena", heap?.mainArena)
      object.member("walked_bytes", heap?.walkedByteCount)
      object.member("skipped_bytes", heap?.skippedByteCount)
      object.member("missing_bytes", heap?.missingByteCount)
      object.member("breaks", heap?.breakCount)
      object.member("first_break", heap?.breaks.first?.address)
      object.member("broken_lists", heap?.brokenListCount)
      object.member("unwalked_arenas", heap?.unwalkedArenaCount)
      object.member("pymalloc_bytes", python?.byteCount)
      object.member("pymalloc_pools", python?.count)
      object.add(proof)
    }
    writer.endLine()
    return writer.bytes
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

extension JSONWriter {
  /// Adds the members that tell what stands in the chunks of a class; null where nothing is recognised.
  mutating func add(_ sample: ContentSample?) {
    member("sample_kind", sample?.kind.rawValue)
    member("sample", sample?.text)
    member("sample_readable", sample?.readable)
    member("sample_count", sample?.count)
    member("sample_of", sample?.total)
    member("sample_address", sample?.example)
  }
}
