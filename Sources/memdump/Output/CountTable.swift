import MemDump

extension ScanReport {
  /// The counted table, with what is open to each text where that was asked for.
  func countTable(_ rows: [Tally.Row], _ open: OpenConnections?) -> Table {
    var table = Table(
      [("COUNT", .right)] + (open == nil ? [] : [("OPEN", .right)]) + [
        ("REGIONS", .right), ("FIRST", .right), ("PATTERN", .left), ("TEXT", .left),
      ])
    for row in rows {
      table.add(
        [grouped(row.count)] + (open.map { [$0.cell(row.text)] } ?? []) + [
          grouped(row.regionCount), row.firstAddress.description, name(row.pattern), EscapedText(row.text).description,
        ])
    }
    return table
  }
}

extension OpenConnections {
  /// What a table shows for a text: how many are open to it, `listening` where a process waits for connections at it, `-`
  /// for what is no endpoint.
  func cell(_ text: [UInt8]) -> String {
    guard let endpoint = Endpoint(parsing: text) else { return "-" }
    let count = count(to: endpoint)
    return count == 0 && isListening(at: endpoint) ? "listening" : grouped(count)
  }

  /// How many are to endpoints that a tally has, whether they are shown or not.
  func count(toTextsOf tally: Tally) -> Int {
    var missing = Set(endpoints)
    tally.forEachText { text in
      if !missing.isEmpty, let endpoint = Endpoint(parsing: text) { missing.remove(endpoint) }
    }
    return count - missing.reduce(0) { $0 + count(to: $1) }
  }
}
