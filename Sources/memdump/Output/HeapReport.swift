import MemDump

/// What `memdump heap` prints.
struct HeapReport {
  /// What the walk came to; nil where there is no heap that can be walked.
  let heap: HeapSummary?
  /// How a process was looked at.
  let look: ProcessLook?
  /// What stands in the chunks of the classes that are printed.
  let samples: [ContentSample?]
  /// What it has besides, or instead.
  let others: [AllocatorRecognition]
  let limit: Int?

  /// Whose heap it has besides, or instead.
  private var otherHeaps: [AllocatorRecognition] { others.filter(\.allocator.isGeneral) }

  /// Lines for people.
  var text: String {
    var lines: [String] = []
    if let heap { lines += [table(heap)] + facts(heap) } else { lines.append(Self.absence(otherHeaps)) }
    if heap != nil, !otherHeaps.isEmpty {
      lines.append(Self.line("also", "a heap of \(Self.names(otherHeaps)), which is not walked"))
    }
    lines += others.flatMap(\.description.lines).map { Self.line($0.label, $0.text.text) }
    if let pause = look?.pause { lines.append(Self.line("pause", readableTime(nanoseconds: pause.duration))) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What is said where there is no heap that can be walked.
  static func absence(_ others: [AllocatorRecognition]) -> String {
    let walked = Allocators.all.filter(\.isWalked).map(\.title).joined(separator: " or ")
    guard !others.isEmpty else { return "There is no heap of \(walked) here." }
    return "The heap is that of \(names(others)), not \(walked): it is not walked."
  }

  /// The names of allocators.
  static func names(_ allocators: [AllocatorRecognition]) -> String {
    allocators.map(\.allocator.title).joined(separator: ", ")
  }

  private static func line(_ label: String, _ text: String) -> String {
    "  " + label + String(repeating: " ", count: max(1, 10 - label.count)) + text
  }

  private func table(_ heap: HeapSummary) -> String {
    var table = Table([
      ("SIZE", .right), ("COUNT", .right), ("BYTES", .right), ("SHARE", .right), ("FREE", .right), ("CONTENT", .left),
    ])
    for (row, sample) in zip(heap.classes, samples) {
      table.add([
        grouped(row.footprint), grouped(row.count), ByteSize(row.byteCount).description,
        share(row.byteCount, of: heap.used.byteCount), grouped(row.freeCount), sample?.label ?? "-",
      ])
    }
    return String(table.text.dropLast())
  }

  private func facts(_ heap: HeapSummary) -> [String] {
    let description = heap.description
    var lines = [
      Self.line("in use", amount(heap.used) + (description.used.map { "; " + $0.text } ?? "")),
      Self.line("free", amount(heap.free) + (description.free.map { ": " + $0.text } ?? "")),
    ]
    lines += description.lines.map { Self.line($0.label, $0.text.text) }
    let breaks = "with \(counted(heap.breakCount, "break")), \(ByteSize(heap.skippedByteCount)) skipped"
    lines.append(
      Self.line(
        "walked", "\(ByteSize(heap.walkedByteCount)) " + (heap.breakCount == 0 ? "without a break" : breaks)))
    for broken in heap.breaks.prefix(5) {
      let rest = broken.resumedAt.map { "went on at \($0)" } ?? "nothing more was found"
      lines.append(Self.line("broke", "at \(broken.address) (\(sentence(broken.reason))); \(rest)"))
    }
    return lines + description.notes.map { Self.line("NOTE", $0.text) }
  }

  private func amount(_ sum: HeapSummary.Sum) -> String { "\(counted(sum.count, "chunk")), \(ByteSize(sum.byteCount))" }

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
        object.member("size", row.footprint)
        object.member("count", row.count)
        object.member("bytes", row.byteCount)
        object.member("free_count", row.freeCount)
        object.add(sample)
      }
      writer.endLine()
    }
    writer.object { object in
      object.member("type", "summary")
      object.member("allocator", heap?.allocator.name ?? otherHeaps.first?.allocator.name)
      object.member("other_allocators") { list in
        list.array { values in for other in otherHeaps { values.value(other.allocator.name) } }
      }
      object.member("classes", heap?.classes.count)
      object.member("chunks", heap?.used.count)
      object.member("bytes", heap?.used.byteCount)
      object.member("free_chunks", heap?.free.count)
      object.member("free_bytes", heap?.free.byteCount)
      for fact in Allocators.facts(of: heap, others) {
        switch fact.value {
        case .number(let number)?: object.member(fact.name.text, number)
        case .address(let address)?: object.member(fact.name.text, address)
        case nil: object.member(fact.name.text, UInt64?.none)
        }
      }
      object.member("pause_ns", look.map { $0.pause?.duration ?? 0 })
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
