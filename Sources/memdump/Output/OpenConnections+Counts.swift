import MemDump

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
