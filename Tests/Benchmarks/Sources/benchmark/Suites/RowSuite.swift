import Foundation

/// A table of millions of rows: every text that a file has, counted, against `sort` and `uniq`.
struct RowSuite {
  let contest: Contest

  private static let count = 10_000_000

  func report() throws -> String {
    progress("rows: \(Self.count) texts")
    let file = "\(contest.workspace.directory)/rows"
    try Self.texts().write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let byteCount = UInt64(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0)
    let searchers = Searchers(workspace: contest.workspace)
    let scan = [contest.workspace.memdump, "scan", file, "--pattern", "ipv4-port", "--memory", "4G"]
    var contenders = [
      contest.workspace.yardstick("read", ["read", file]),
      searchers.peer("memdump, the first 20", scan, result: "rows"),
      searchers.peer("memdump, all", scan + ["--top", "0"], result: "rows"),
      searchers.peer("memdump, all, CSV", scan + ["--top", "0", "--format", "csv"], result: "rows"),
      searchers.peer("memdump, all, JSON", scan + ["--top", "0", "--json"], result: "rows"),
    ]
    let pipeline = "tr '\\0' '\\n' < '\(file)' | sort | uniq -c | sort -rn"
    contenders.append(searchers.peer("sort, uniq -c, sort -rn", ["sh", "-c", pipeline], result: "rows"))
    let outcomes = contest.run(contenders)
    let comparison = Comparison(byteCount: byteCount, yardsticks: ["read"], reference: "memdump, all")
    return """
      A file of \(Self.count / 1_000_000) million texts of the form IPv4:port, each of them once: \(sizeText(byteCount)).

      \(comparison.text(outcomes))

      \(commandList(outcomes, contest.workspace, [file: "FILE"]))
      """
  }

  /// Texts that are all different, in no order.
  private static func texts() -> Data {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * 20)
    for index in 0..<UInt32(count) {
      // To multiply by an odd number modulo 2^24 exchanges numbers, and loses none.
      let number = (index &* 0x9e37_79b1) & 0xff_ffff
      let text = "10.\(number >> 16).\(number >> 8 & 255).\(number & 255):\(1024 + index % 60_000)"
      bytes += text.utf8
      bytes.append(0)
    }
    return Data(bytes)
  }
}
