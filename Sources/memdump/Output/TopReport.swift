public import ArgumentParser
import MemDump

/// What comes first in a table of processes.
public enum GrowthOrder: String, CaseIterable, ExpressibleByArgument, Sendable {
  case growth, resident, name

  /// The rows in this order; what is equal, by its number.
  func sorted(_ rows: [ResidentTable.Row]) -> [ResidentTable.Row] {
    rows.sorted { left, right in
      switch self {
      case .growth:
        (-left.grown, right.resident, left.id) < (-right.grown, left.resident, right.id)
      case .resident: (right.resident, left.id) < (left.resident, right.id)
      case .name:
        left.name == right.name ? left.id < right.id : left.name.lexicographicallyPrecedes(right.name)
      }
    }
  }
}

/// The processes as they were at the last of several looks.
struct GrowthLook {
  var rows: [ResidentTable.Row]
  /// The number of looks so far.
  var number: Int
  /// The time since the first look, in nanoseconds.
  var elapsed: UInt64

  /// The resident memory of all, what pages they share counted for each, in bytes.
  var resident: UInt64 { rows.reduce(0) { $0 &+ $1.resident } }
}

/// The report of `memdump top`.
struct TopReport: Report {
  let look: GrowthLook
  let order: GrowthOrder
  /// The most rows; nil for all.
  let limit: Int?
  /// The processes that were asked for; none for all.
  var words: [String] = []
  /// Whether the page is one of many.
  var isLive = false

  func describe(to page: inout some Rendering) throws {
    let rows = Array(order.sorted(look.rows).prefix(limit ?? .max))
    try page.table("process", rows, Self.fields(UserNames(rows)))
    if isLive { return }
    if rows.isEmpty {
      let asked = words.map { EscapedText($0.utf8).description }.joined(separator: ", ")
      page.closing(words.isEmpty ? "there is no process to show" : "no process has the number or name \(asked)")
    }
    if rows.count < look.rows.count {
      page.closing("\(grouped(rows.count)) of \(counted(look.rows.count, "process")); --top 0 shows all")
    }
    page.record(
      "summary",
      [
        Member("processes", look.rows.count), Member(.looks, look.number), Member(.elapsed, look.elapsed),
        Member(.resident, look.resident),
      ])
    let grown = rows.first { $0.grown > 0 }
    page.next(NextStep("watch", (order == .growth ? grown : rows.first)?.id.description))
  }

  private typealias RowField = Field<ResidentTable.Row>

  /// The columns of a table of processes.
  private static func fields(_ users: UserNames) -> [RowField] {
    let identity: [RowField] = [
      Field(.pid, \.id.rawValue, .right("PID")) { $0.id.description },
      Field("user", { users.name(of: $0.user) }, .left("USER", leaves: 2)) { users.name(of: $0.user) ?? "-" },
    ]
    return identity + growth + rest
  }

  private static let growth: [RowField] = [
    Field(.resident, \.resident, .right("RSS")) { ByteSize($0.resident).description },
    Field(.grownBytes, \.grown, .right("GROWN")) { signedSize($0.grown) }
      .emphasised { $0.grown > 0 ? .strong : nil },
    Field("grown_bytes_per_second", \.grownASecond, .right("A SECOND", leaves: 4)) {
      $0.grownASecond.map { signedSize($0) } ?? "-"
    },
  ]

  private static var rest: [RowField] {
    let shown: [RowField] = [
      Field(.swap, \.swapped, .right("SWAP", leaves: 3)) { $0.swapped == 0 ? "-" : ByteSize($0.swapped).description },
      Field(.threads, \.threadCount, .right("THREADS", leaves: 1)) { grouped($0.threadCount) },
      Field(.elapsed, \.elapsed.nanosecondCount),
      Field(.name, { EscapedText($0.name).description }, .left("NAME")) { EscapedText($0.name).description },
    ]
    return Terminal().columnCount == nil ? shown : shown + [Field(.left("TREND", leaves: 5)) { sparkline($0.trend) }]
  }

  private static func signedSize(_ byteCount: Int) -> String {
    byteCount == 0 ? "-" : (byteCount > 0 ? "+" : "-") + ByteSize(UInt64(byteCount.magnitude)).description
  }

  /// The names of the users of rows, each looked up once.
  private struct UserNames: Sendable {
    private let names: [UInt32: String]

    init(_ rows: [ResidentTable.Row]) {
      names = Dictionary(
        Set(rows.compactMap(\.user)).map { ($0, UserName.name(of: $0) ?? "\($0)") }, uniquingKeysWith: { $1 })
    }

    func name(of user: UInt32?) -> String? { user.flatMap { names[$0] } }
  }
}
