import MemDump

extension OpenConnections {
  /// The cell of a table for a text: the number of connections open to it, `listening` where a process waits for
  /// connections there, `-` for a text that is no endpoint.
  func cell(_ text: [UInt8]) -> String {
    guard let endpoint = Endpoint(parsing: text) else { return "-" }
    let count = count(to: endpoint)
    return count == 0 && isListening(at: endpoint) ? "listening" : grouped(count)
  }

  /// The number of connections to endpoints in a tally, whether these are shown or not.
  func count(toTextsOf tally: Tally) -> Int {
    var missing = Set(endpoints)
    tally.forEachText { text in
      if !missing.isEmpty, let endpoint = Endpoint(parsing: text) { missing.remove(endpoint) }
    }
    return count - missing.reduce(0) { $0 + count(to: $1) }
  }
}
