import MemDump

/// What a command that looks for pools prints.
struct PoolReport {
  private let result: PoolSearch.Result
  private let proof: LookProof?
  private let kind: String
  private let sentences: [String]
  private let limit: Int?

  init(_ result: PoolSearch.Result, _ proof: LookProof?, owner: any Owner, limit: Int?) {
    (self.result, self.proof, self.limit, kind) = (result, proof, limit, owner.name)
    sentences = owner.describe(result.list.pools)
  }

  /// The largest pools, as many as are printed.
  private var shown: [MemoryPool] {
    let ordered = result.list.pools.sorted { ($1.byteCount, $0.address) < ($0.byteCount, $1.address) }
    return Array(ordered.prefix(limit ?? ordered.count))
  }

  /// What the pools of each role hold together, the most bytes first.
  private var roles: [(count: Int, sum: MemoryPool)] {
    Dictionary(grouping: result.list.pools, by: \.role)
      .map { role, pools in (pools.count, Self.sum(pools, role: role)) }
      .sorted { ($1.sum.byteCount, $0.sum.role) < ($0.sum.byteCount, $1.sum.role) }
  }

  private static func sum(_ pools: [MemoryPool], role: String) -> MemoryPool {
    pools.reduce(into: MemoryPool(address: Address(0), role: role)) { sum, pool in sum.add(pool) }
  }

  /// Tables for people, and what the shape tells.
  var text: String {
    guard !result.list.pools.isEmpty else { return "" }
    let columns: [(String, Table.Alignment)] = [
      ("BLOCKS", .right), ("SIZE", .right), ("USED", .right), ("EMPTIED", .right), ("LARGE", .right),
      ("CLEANUPS", .right),
    ]
    var sums = Table([("ROLE", .left), ("POOLS", .right)] + columns)
    for (count, sum) in roles { sums.add([sum.role, grouped(count)] + Self.cells(sum)) }
    var pools = Table([("POOL", .right)] + columns + [("ROLE", .left)])
    for pool in shown {
      let broken = pool.brokenAt.map { ", not to its end: nothing that fits is at \($0)" } ?? ""
      pools.add([pool.address.description] + Self.cells(pool) + [pool.role + broken])
    }
    return ([sums.text, pools.text] + sentences.map { $0 + "\n" }).joined(separator: "\n")
  }

  private static func cells(_ pool: MemoryPool) -> [String] {
    func size(_ byteCount: UInt64) -> String { byteCount == 0 ? "-" : ByteSize(byteCount).description }
    return [
      grouped(pool.blockCount), size(pool.byteCount), size(pool.usedByteCount), size(pool.emptiedByteCount),
      pool.largeCount == 0 ? "-" : grouped(pool.largeCount), pool.cleanupCount == 0 ? "-" : grouped(pool.cleanupCount),
    ]
  }

  /// What was gone over, and how far.
  func summary(elapsed: UInt64) -> String {
    let scanned = result.scanned
    var parts = [
      counted(result.list.pools.count, "pool"),
      "\(ByteSize(scanned.byteCount)) looked at in \(readableTime(nanoseconds: elapsed))",
    ]
    if let pause = proof?.pause { parts.append("pause \(readableTime(nanoseconds: pause.duration))") }
    if proof?.mode == .live { parts.append("no pause: the process ran on, and a pool that it changed may look broken") }
    if result.list.freedCount > 0 {
      parts.append("\(counted(result.list.freedCount, "pool")) in freed memory left out")
    }
    if result.brokenCount > 0 { parts.append("\(grouped(result.brokenCount)) of them not to their end") }
    if scanned.unreadByteCount > 0 { parts.append("\(ByteSize(scanned.unreadByteCount)) not read") }
    if let proof, !proof.fitsPause {
      parts.append("\(ByteSize(proof.readLiveByteCount)) did not fit the pause and were read while the process ran")
    }
    if scanned.isPartial { parts.append("ended early: this is what was found until then") }
    if let warning = proof?.warning { parts.append("WARNING: \(warning)") }
    return parts.joined(separator: ", ")
  }

  /// A line for each pool, of the type of its owner's name, and a summary.
  func json(elapsed: UInt64) -> [UInt8] {
    var writer = JSONWriter()
    for pool in shown {
      writer.object { object in
        object.member("type", kind)
        object.member("address", pool.address)
        object.member("role", pool.role)
        Self.write(pool, &object)
        object.member("broken_at", pool.brokenAt)
      }
      writer.endLine()
    }
    writer.object { object in
      object.member("type", "summary")
      object.member("pools", result.list.pools.count)
      Self.write(Self.sum(result.list.pools, role: ""), &object)
      object.member("roles") { array in
        array.array { array in for (count, sum) in roles { Self.write(count, sum, &array) } }
      }
      object.member("notes") { array in array.array { array in for text in sentences { array.value(text) } } }
      object.member("broken", result.brokenCount)
      object.member("freed", result.list.freedCount)
      object.member("candidates", result.candidateCount)
      object.member("bytes_scanned", result.scanned.byteCount)
      object.member("absent_bytes", result.scanned.absentByteCount)
      object.member("unreadable_bytes", result.scanned.unreadByteCount)
      object.member("read_live_bytes", proof?.readLiveByteCount ?? 0)
      object.add(proof)
      object.member("elapsed_ns", elapsed)
      object.member("partial", result.scanned.isPartial)
    }
    writer.endLine()
    return writer.bytes
  }

  private static func write(_ count: Int, _ sum: MemoryPool, _ writer: inout JSONWriter) {
    writer.object { object in
      object.member("role", sum.role)
      object.member("pools", count)
      write(sum, &object)
    }
  }

  private static func write(_ pool: MemoryPool, _ object: inout JSONWriter) {
    object.member("blocks", pool.blockCount)
    object.member("bytes", pool.byteCount)
    object.member("used", pool.usedByteCount)
    object.member("emptied_before_current", pool.emptiedByteCount)
    object.member("large_count", pool.largeCount)
    object.member("cleanups", pool.cleanupCount)
  }
}
