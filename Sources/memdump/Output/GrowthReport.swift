import MemDump

/// What `memdump diff` prints.
struct GrowthReport {
  private let growth: [Growth]
  private let looks: (old: LookProof?, new: LookProof?)

  /// - Parameters:
  ///   - growth: what grew.
  ///   - looks: how a process was looked at; nil of a file.
  ///   - limit: how many rows of a kind are printed at most; nil for all.
  init(growth: [Growth], looks: (old: LookProof?, new: LookProof?), limit: Int?) {
    self.looks = looks
    self.growth = Growth.Kind.allCases.flatMap { kind in growth.filter { $0.kind == kind }.prefix(limit ?? .max) }
  }

  /// Lines for people.
  var text: String {
    guard !growth.isEmpty else { return "Nothing grew.\n" }
    var table = Table([
      ("GROWN", .right), ("BYTES", .right), ("COUNT", .right), ("BEFORE", .right), ("AFTER", .right), ("KIND", .left),
      ("WHAT", .left),
    ])
    for row in growth {
      let more = row.after.count - min(row.after.count, row.before.count)
      table.add([
        "+" + ByteSize(row.byteCount).description, ByteSize(row.after.byteCount).description, "+" + grouped(more),
        grouped(row.before.count), grouped(row.after.count), row.kind.rawValue, name(row),
      ])
    }
    return table.text
  }

  private func name(_ row: Growth) -> String {
    if let distinct = row.distinct {
      return "all together; distinct \(grouped(distinct.before)) before, \(grouped(distinct.after)) after"
    }
    return row.shortKey
  }

  /// A line of type `growth` for each row, then one of type `summary`, which tells of both looks.
  var json: [UInt8] {
    var writer = JSONWriter()
    for row in growth {
      writer.object { $0.add(row) }
      writer.endLine()
    }
    writer.object { object in
      object.member("type", "summary")
      object.member("old") { Self.write(looks.old, &$0) }
      object.member("new") { Self.write(looks.new, &$0) }
    }
    writer.endLine()
    return writer.bytes
  }

  private static func write(_ look: LookProof?, _ writer: inout JSONWriter) {
    if look == nil { writer.value(String?.none) } else { writer.object { $0.add(look) } }
  }
}

extension Growth {
  /// Which of its kind, safe to print, cut off where it is long.
  var shortKey: String {
    let text = EscapedText(key).description
    return text.count > 100 ? text.prefix(100) + "…" : text
  }
}

extension JSONWriter {
  /// Adds the members of a line of type `growth`.
  mutating func add(_ row: Growth) {
    member("type", "growth")
    member("kind", row.kind.rawValue)
    member("key", EscapedText(row.key).description)
    member("count_before", row.before.count)
    member("count_after", row.after.count)
    member("bytes_before", row.before.byteCount)
    member("bytes_after", row.after.byteCount)
    member("distinct_before", row.distinct?.before)
    member("distinct_after", row.distinct?.after)
  }
}
