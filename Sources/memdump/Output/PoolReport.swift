import MemDump

/// The report of a command that looks for pools.
struct PoolReport: Report {
  private let result: PoolSearch.Result
  private let proof: LookProof?
  private let type: String
  private let sentences: [String]
  private let limit: Int?
  private let source: String?
  private let elapsed: UInt64

  init(
    _ result: PoolSearch.Result, _ proof: LookProof?, kind: any PoolKind, limit: Int?, elapsed: UInt64, source: String?
  ) {
    (self.result, self.proof, self.limit, self.elapsed, type) = (result, proof, limit, elapsed, kind.name)
    self.source = source
    sentences = kind.describe(result.list.pools)
  }

  /// The largest pools, as many as are printed.
  private var shown: [MemoryPool] {
    let ordered = result.list.pools.sorted { ($1.byteCount, $0.address) < ($0.byteCount, $1.address) }
    return Array(ordered.prefix(limit ?? ordered.count))
  }

  /// The sums of the pools of each role, the most bytes first.
  private var roles: [(count: Int, sum: MemoryPool)] {
    Dictionary(grouping: result.list.pools, by: \.role)
      .map { role, pools in (pools.count, Self.sum(pools, role: role)) }
      .sorted { ($1.sum.byteCount, $0.sum.role) < ($0.sum.byteCount, $1.sum.role) }
  }

  private static func sum(_ pools: [MemoryPool], role: String) -> MemoryPool {
    pools.reduce(into: MemoryPool(address: Address(0), role: role)) { sum, pool in sum.add(pool) }
  }

  func describe(to page: inout some Rendering) throws {
    if !result.list.pools.isEmpty {
      try page.table(nil, roles, Self.roleFields)
      page.line("")
      try page.table(type, shown, Self.poolFields)
      for sentence in sentences {
        page.line("")
        page.line(sentence, .strong)
      }
    }
    page.next(NextStep("refs", source, "--address", shown.first?.address.description))
    page.record("summary", members)
    page.closing(summary)
  }

  private static let roleFields: [Field<(count: Int, sum: MemoryPool)>] =
    [
      Field(.role, { $0.sum.role }, .left("ROLE"), cell: { $0.sum.role }),
      Field(.pools, { $0.count }, .right("POOLS")) { grouped($0.count) },
    ] + Field.sizes { $0.sum }

  private static let poolFields: [Field<MemoryPool>] =
    [
      Field(.address, \.address, .right("POOL"), cell: \.address.description),
      Field(.role, \.role, .left("ROLE", rank: 1)) { pool in
        pool.role + (pool.brokenAt.map { ", not to its end: nothing that fits is at \($0)" } ?? "")
      },
    ] + Field.sizes { $0 } + [Field("broken_at", \.brokenAt)]

  /// The summary of the memory that was searched.
  private var summary: String {
    let scanned = result.scanned
    var parts = [
      counted(result.list.pools.count, "pool"),
      "\(ByteSize(scanned.byteCount)) looked at in \(readableTime(nanoseconds: elapsed))",
    ]
    if let note = proof?.choice.note { parts.append("mode \(note)") }
    if let pause = proof?.pause { parts.append("pause \(readableTime(nanoseconds: pause.duration))") }
    if proof?.mode == .live { parts.append("no pause: the process ran on, and a pool that it changed may look broken") }
    if result.list.freedCount > 0 {
      parts.append("\(counted(result.list.freedCount, "pool")) in freed memory left out")
    }
    if result.brokenCount > 0 { parts.append("\(grouped(result.brokenCount)) of them not to their end") }
    if scanned.unreadByteCount > 0 { parts.append("\(ByteSize(scanned.unreadByteCount)) not read") }
    if let shortfall = proof?.liveShortfall { parts.append(shortfall) }
    if scanned.isPartial { parts.append("ended early: this is what was found until then") }
    if let warning = proof?.warning { parts.append("WARNING: \(warning)") }
    return parts.joined(separator: ", ")
  }

  private var members: [Member] {
    [Member(.pools, result.list.pools.count)]
      + Field<MemoryPool>.sizes { $0 }.members(of: Self.sum(result.list.pools, role: "")) + [
        Member("roles", roles.map { FieldValue.object(Self.roleFields.members(of: $0)) }),
        Member(.notes, sentences),
        Member("broken", result.brokenCount),
        Member("freed", result.list.freedCount),
        Member(.candidates, result.candidateCount),
        Member(.bytesScanned, result.scanned.byteCount),
        Member(.absentBytes, result.scanned.absentByteCount),
        Member(.unreadableBytes, result.scanned.unreadByteCount),
        Member(.readLiveBytes, proof?.readLiveByteCount ?? 0),
      ] + LookProof.members(of: [proof]) + [
        Member(.elapsed, elapsed),
        Member(.partial, result.scanned.isPartial),
      ]
  }
}

extension Field {
  /// The fields for the sizes of a pool.
  fileprivate static func sizes(_ pool: @escaping @Sendable (Row) -> MemoryPool) -> [Field] {
    @Sendable func size(_ byteCount: UInt64) -> String { byteCount == 0 ? "-" : ByteSize(byteCount).description }
    @Sendable func count(_ count: Int) -> String { count == 0 ? "-" : grouped(count) }
    return [
      Field(.blocks, { pool($0).blockCount }, .right("BLOCKS", leaves: 4)) { grouped(pool($0).blockCount) },
      Field(.bytes, { pool($0).byteCount }, .right("SIZE")) { size(pool($0).byteCount) },
      Field("used", { pool($0).usedByteCount }, .right("USED", leaves: 3)) { size(pool($0).usedByteCount) },
      Field("emptied_before_current", { pool($0).emptiedByteCount }, .right("EMPTIED")) {
        size(pool($0).emptiedByteCount)
      },
      Field("large_count", { pool($0).largeCount }, .right("LARGE", leaves: 2)) { count(pool($0).largeCount) },
      Field("cleanups", { pool($0).cleanupCount }, .right("CLEANUPS", leaves: 1)) { count(pool($0).cleanupCount) },
    ]
  }
}
