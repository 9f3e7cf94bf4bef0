import MemDump

/// What `memdump diff` prints.
struct GrowthReport {
  private let growth: [Growth]

  /// - Parameters:
  ///   - growth: what grew.
  ///   - limit: how many rows of a kind are printed at most; nil for all.
  init(growth: [Growth], limit: Int?) {
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
    let text = EscapedText(row.key).description
    return text.count > 100 ? text.prefix(100) + "…" : text
  }

  /// A line of type `growth` for each row.
  var json: [UInt8] {
    var writer = JSONWriter()
    for row in growth {
      writer.object { object in
        object.member("type", "growth")
        object.member("kind", row.kind.rawValue)
        object.member("key", EscapedText(row.key).description)
        object.member("count_before", row.before.count)
        object.member("count_after", row.after.count)
        object.member("bytes_before", row.before.byteCount)
        object.member("bytes_after", row.after.byteCount)
        object.member("distinct_before", row.distinct?.before)
        object.member("distinct_after", row.distinct?.after)
      }
      writer.endLine()
    }
    return writer.bytes
  }
}
