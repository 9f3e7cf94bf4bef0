import MemDump

/// The report of a command that looks for pools.
struct PoolReport: Report {
  /// The last look; with an earlier one it is told what grew in between.
  private let result: PoolSearch.Result
  private let proofs: [LookProof?]
  private let grown: [PoolGrowth]
  private let grownRoles: [PoolGrowth]
  private let hasTwoLooks: Bool
  private let kind: any PoolKind
  private let asTree: Bool
  private let sentences: [String]
  private let limit: Int?
  private let source: String?
  private let elapsed: UInt64

  init(
    _ results: [PoolSearch.Result], _ proofs: [LookProof?], kind: any PoolKind, limit: Int?, asTree: Bool,
    elapsed: UInt64,
    source: String?
  ) {
    result = results.last ?? PoolSearch.Result()
    hasTwoLooks = results.count > 1
    let (before, after) = (hasTwoLooks ? results[0].list.pools : [], hasTwoLooks ? result.list.pools : [])
    grown = PoolGrowth.pools(from: before, to: after)
    grownRoles = PoolGrowth.roles(from: before, to: after)
    (self.proofs, self.limit, self.elapsed, self.source) = (proofs, limit, elapsed, source)
    (self.kind, self.asTree) = (kind, asTree)
    sentences = kind.describe(result.list.pools) + kind.describe(growth: grown, roles: grownRoles)
  }

  /// The proof of the last look.
  private var proof: LookProof? { proofs.last ?? nil }

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
      if asTree {
        try page.table(nil, PoolTree(result.list.pools).rows, treeFields)
        for pool in result.list.pools { page.record(kind.name, poolFields.members(of: pool)) }
      } else {
        try page.table(
          nil, Array(roles.prefix(kind.figures.contains(.tree) ? limit ?? roles.count : roles.count)), roleFields)
        page.line("")
        try page.table(kind.name, shown, poolFields)
      }
      if hasTwoLooks { try describeGrowth(to: &page) }
      for sentence in sentences {
        page.line("")
        page.line(sentence, .strong)
      }
    }
    page.next(NextStep("refs", source, "--address", (grown.first?.address ?? shown.first?.address)?.description))
    page.record("summary", members)
    page.closing(summary)
  }

  private func describeGrowth(to page: inout some Rendering) throws {
    page.line("")
    let between = "between the two looks"
    if grownRoles.isEmpty, grown.isEmpty {
      page.line("No \(kind.noun) grew \(between), and there are no more than before.", .strong)
      return
    }
    page.line("What there is more of \(between):")
    let rows = grownRoles + grown.prefix(limit ?? grown.count)
    try page.table("pool-growth", rows, growthFields)
  }

  private var growthFields: [Field<PoolGrowth>] {
    @Sendable func more(_ number: Int) -> String {
      number == 0 ? "-" : (number > 0 ? "+" : "-") + grouped(number.magnitude)
    }
    @Sendable func size(_ number: Int) -> String {
      number == 0 ? "-" : (number > 0 ? "+" : "-") + ByteSize(UInt64(number.magnitude)).description
    }
    let large = Field<PoolGrowth>("grown_large", \.largeCount, .right("LARGE")) { more($0.largeCount) }
    return [
      Field(.address, \.address, .right(title)) { $0.address?.description ?? "all" },
      Field(.role, \.role, .left(roleName.1, rank: 1), cell: \.role),
      Field("grown_pools", \.poolCount, .right(title + "S")) { more($0.poolCount) },
      Field("grown_blocks", \.blockCount, .right("BLOCKS")) { more($0.blockCount) },
      Field(.grownBytes, \.byteCount, .right("SIZE")) { size($0.byteCount) },
      kind.figures.contains(.large) ? large : Field("grown_large", \.largeCount),
    ]
  }

  /// What the program calls a pool, as a heading.
  private var title: String { kind.noun.uppercased() }
  /// What tells the sorts of pools from each other.
  private var roleName: (FieldName, String) { kind.figures.contains(.tree) ? (.name, "NAME") : (.role, "ROLE") }

  private var roleFields: [Field<(count: Int, sum: MemoryPool)>] {
    [
      Field(roleName.0, { $0.sum.role }, .left(roleName.1), cell: { $0.sum.role }),
      Field(.pools, { $0.count }, .right(title + "S")) { grouped($0.count) },
    ] + Field.sizes(kind) { $0.sum }
  }

  private var poolFields: [Field<MemoryPool>] {
    let isTree = kind.figures.contains(.tree)
    let tree: [Field<MemoryPool>] = [
      Field("ident", { EscapedText($0.ident).description }), Field("level", \.level), Field(.parent, \.parent),
      Field("walked", \.isWalked),
    ]
    return [
      Field(.address, \.address, .right(title), cell: \.address.description),
      Field(roleName.0, \.role, .left(roleName.1, rank: 1)) { pool in
        pool.role + (pool.ident.isEmpty ? "" : " " + EscapedText(pool.ident).description)
          + (pool.brokenAt.map { ", not to its end: nothing that fits is at \($0)" } ?? "")
      },
    ] + (isTree ? tree : []) + Field.sizes(kind) { $0 } + [Field("broken_at", \.brokenAt)]
  }

  private var treeFields: [Field<PoolTree.Row>] {
    [Field(.left(title, rank: 1)) { row in row.text }] + Field.sizes(kind) { $0.sum }
  }

  /// The summary of the memory that was searched.
  private var summary: String {
    let scanned = result.scanned
    var parts = [
      counted(result.list.pools.count, kind.noun),
      "\(ByteSize(scanned.byteCount)) looked at in \(readableTime(nanoseconds: elapsed))",
    ]
    if let note = proof?.choice.note { parts.append("mode \(note)") }
    let pauses = proofs.compactMap { $0?.pause?.duration }
    if let longest = pauses.max() {
      let number = pauses.count > 1 ? "\(pauses.count) pauses, the longest " : "pause "
      parts.append(number + readableTime(nanoseconds: longest))
    }
    if proof?.mode == .live {
      parts.append("no pause: the process ran on, and a \(kind.noun) that it changed may look broken")
    }
    if result.list.freedCount > 0 {
      parts.append("\(counted(result.list.freedCount, kind.noun)) in freed memory left out")
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
      + Field<MemoryPool>.sizes(kind) { $0 }.members(of: Self.sum(result.list.pools, role: "")) + [
        Member("roles", roles.map { FieldValue.object(roleFields.members(of: $0)) }),
        Member(.notes, sentences),
        Member("broken", result.brokenCount),
        Member("freed", result.list.freedCount),
        Member(.candidates, result.candidateCount),
        Member(.bytesScanned, result.scanned.byteCount),
        Member(.absentBytes, result.scanned.absentByteCount),
        Member(.unreadableBytes, result.scanned.unreadByteCount),
        Member(.readLiveBytes, proof?.readLiveByteCount ?? 0),
      ] + LookProof.members(of: proofs) + [
        Member(.elapsed, elapsed),
        Member(.partial, result.scanned.isPartial),
      ]
  }
}

extension Field {
  /// The fields for the sizes of a pool of a kind.
  fileprivate static func sizes(_ kind: any PoolKind, _ pool: @escaping @Sendable (Row) -> MemoryPool) -> [Field] {
    @Sendable func size(_ byteCount: UInt64) -> String { byteCount == 0 ? "-" : ByteSize(byteCount).description }
    @Sendable func count(_ count: Int) -> String { count == 0 ? "-" : grouped(count) }
    let common: [Field] = [
      Field(.blocks, { pool($0).blockCount }, .right("BLOCKS", leaves: 4)) { count(pool($0).blockCount) },
      Field(.bytes, { pool($0).byteCount }, .right("SIZE")) { size(pool($0).byteCount) },
      Field("used", { pool($0).usedByteCount }, .right("USED", leaves: 3)) { size(pool($0).usedByteCount) },
    ]
    let others: [(MemoryPool.Figure, Field)] = [
      (
        .emptied,
        Field("emptied_before_current", { pool($0).emptiedByteCount }, .right("EMPTIED")) {
          size(pool($0).emptiedByteCount)
        }
      ),
      (
        .large,
        Field(.largeCount, { pool($0).largeCount }, .right("LARGE", leaves: 2)) { count(pool($0).largeCount) }
      ),
      (
        .cleanups,
        Field("cleanups", { pool($0).cleanupCount }, .right("CLEANUPS", leaves: 1)) { count(pool($0).cleanupCount) }
      ),
      (
        .freeChunks,
        Field(.freeChunks, { pool($0).freeChunkCount }, .right("FREE CHUNKS", leaves: 1)) {
          count(pool($0).freeChunkCount)
        }
      ),
    ]
    return common + others.filter { kind.figures.contains($0.0) }.map(\.1)
  }
}
