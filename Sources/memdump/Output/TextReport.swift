import MemDump

extension ScanReport {
  /// How many characters of a text, and of a template that has its example behind it, a table shows.
  private static let (textWidth, templateWidth) = (200, 60)

  private static func shortened(_ text: [UInt8], to width: Int) -> String {
    let text = EscapedText(text).description
    return text.count > width ? text.prefix(width - 1) + "…" : text
  }

  /// Prints the counted table of texts, or of templates.
  func writeTexts(_ tally: Tally, limit: Int?, minimumCount: UInt64) throws {
    note(tally)
    let rows = tally.rows(limit: limit, minimumCount: minimumCount)
    var output = StandardOutput()
    if isJSON {
      var writer = JSONWriter()
      for row in rows {
        switch tally.grouping {
        case .text: write(row, &writer)
        case .template: writeTemplate(row, of: tally, &writer)
        }
        try output.write(writer.bytes)
        writer.reset()
      }
    } else if !rows.isEmpty {
      switch tally.grouping {
      case .text: try output.write(textTable(rows).text)
      case .template: try output.write(templateTable(rows, of: tally).text)
      }
    }
    try output.flush()
  }

  private func textTable(_ rows: [Tally.Row]) -> Table {
    var table = Table([
      ("COUNT", .right), ("BYTES", .right), ("REGIONS", .right), ("FIRST", .right), ("TEXT", .left),
    ])
    for row in rows {
      table.add([
        grouped(row.count), grouped(row.byteCount), grouped(row.regionCount), row.firstAddress.description,
        Self.shortened(row.text, to: Self.textWidth),
      ])
    }
    return table
  }

  private func templateTable(_ rows: [Tally.Row], of tally: Tally) -> Table {
    var table = Table([
      ("BYTES", .right), ("SHARE", .right), ("COUNT", .right), ("TEMPLATE", .left), ("EXAMPLE", .left),
    ])
    for row in rows {
      table.add([
        grouped(row.byteCount), Self.share(row, of: tally) + " %", grouped(row.count),
        Self.shortened(row.text, to: Self.templateWidth), Self.shortened(row.example, to: Self.textWidth),
      ])
    }
    return table
  }

  /// The share of all bytes, in percent with two digits behind the point.
  private static func share(_ row: Tally.Row, of tally: Tally) -> String {
    let tenThousandths = Double(row.byteCount) / Double(max(1, tally.totalByteCount)) * 10_000
    let rounded = UInt64(tenThousandths.rounded())
    return "\(rounded / 100)." + (rounded % 100 < 10 ? "0" : "") + "\(rounded % 100)"
  }

  private func writeTemplate(_ row: Tally.Row, of tally: Tally, _ writer: inout JSONWriter) {
    let place = place(of: row.firstAddress, source: row.firstSource)
    writer.object { object in
      object.member("type", "template")
      object.member("pattern", kinds[row.pattern].name)
      object.member("template", EscapedText(row.text).description)
      object.member("count", row.count)
      object.member("bytes", row.byteCount)
      object.member("all_bytes", tally.totalByteCount)
      object.member("regions", row.regionCount)
      object.member("first_address", place.address)
      object.member("first_offset", place.offset)
      object.member("example", EscapedText(row.example).description)
      object.member("error", row.error)
    }
    writer.endLine()
  }
}
