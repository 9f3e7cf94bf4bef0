import MemDump
import SystemPackage

/// What `memdump watch` says in the end.
struct VerdictReport {
  private let verdict: WatchVerdict
  private let limit: Int?
  private let growing: [WatchVerdict.Row]
  private let others: [WatchVerdict.Row]

  /// How many holders of one size are told.
  private static let shownHolders = 3

  /// - Parameters:
  ///   - verdict: what the watch of a process came to.
  ///   - limit: how many rows of a kind are printed at most; nil for all.
  init(_ verdict: WatchVerdict, limit: Int?) {
    (self.verdict, self.limit) = (verdict, limit)
    func rows(_ includes: (Trend) -> Bool) -> [WatchVerdict.Row] {
      Growth.Kind.allCases.flatMap { kind in
        verdict.rows.filter { $0.growth.kind == kind && includes($0.trend) }.prefix(limit ?? .max)
      }
    }
    (growing, others) = (rows(\.isGrowing), rows { !$0.isGrowing })
  }

  /// Lines for people. Single socket addresses, which come and go by chance, are not among them.
  var text: String {
    var lines = ["", headline]
    if !growing.isEmpty { lines.append(table) }
    lines += (growing.compactMap(holders) + notes).map { "  \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private var headline: String {
    let name = "\(verdict.target.id) (\(verdict.target.printableName))"
    guard let first = verdict.first, let last = verdict.last, verdict.elapsed > 0 else {
      return "\(name): growth takes two looks, and there was \(verdict.first == nil ? "none" : "one")."
    }
    let time = readableTime(nanoseconds: verdict.elapsed)
    return "\(name) " + (verdict.isGrowing ? "grew for \(time)" : "does not grow: looked at for \(time)")
      + amount("heap", first.heap?.byteCount, last.heap?.byteCount)
      + amount("RSS", first.footprint?.resident, last.footprint?.resident)
  }

  private func amount(_ name: String, _ before: UInt64?, _ after: UInt64?) -> String {
    guard let before, let after else { return "" }
    let text = "; \(name) \(ByteSize(before)) before, \(ByteSize(after)) after"
    return verdict.isGrowing && after > before ? text + ", +\(ByteSize(verdict.perSecond(after - before)))/s" : text
  }

  private var table: String {
    var table = Table([
      ("GROWN", .right), ("A SECOND", .right), ("BEFORE", .right), ("AFTER", .right), ("OF HEAP", .right),
      ("WHAT", .left),
    ])
    let touched = Set(growing.filter { $0.growth.kind == .resident }.map(\.growth.key))
    for row in growing where row.growth.isOneOfAKind {
      // What was mapped and written to is told once.
      if row.growth.kind == .region, touched.contains(row.growth.key) { continue }
      let growth = row.growth
      table.add([
        "+" + ByteSize(growth.byteCount).description, ByteSize(verdict.perSecond(growth.byteCount)).description,
        grouped(growth.before.count), grouped(growth.after.count),
        verdict.share(of: row).map { percentage(thousandths: $0) } ?? "-", label(row),
      ])
    }
    return String(table.text.dropLast())
  }

  private func label(_ row: WatchVerdict.Row) -> String {
    name(row.growth) + (row.sample.map { ": \($0.label)" } ?? distinct(row.growth))
  }

  private func name(_ growth: Growth) -> String {
    switch growth.kind {
    case .chunkSize: "chunks of \(growth.shortKey) bytes"
    case .sockaddr: "socket addresses"
    case .template: "text \(growth.shortKey)"
    case .region: growth.isAnonymous ? "anonymous mappings" : "mapping \(growth.shortKey)"
    case .resident: growth.isAnonymous ? "anonymous memory" : "memory of \(growth.shortKey)"
    }
  }

  /// `chunks of 1040 bytes are held by module.so:variable (91.3 %); 8.7 % of 300 not traced`.
  private func holders(_ row: WatchVerdict.Row) -> String? {
    guard let holders = row.holders, holders.sampled > 0 else { return nil }
    func share(_ count: Int) -> String {
      percentage(thousandths: UInt64(Double(count) / Double(holders.sampled) * 1000))
    }
    let shown = holders.rows.prefix(Self.shownHolders)
    var words = shown.map { "\(HolderReport.name($0)) (\(share($0.count)))" }
    let others = holders.traced - shown.reduce(0) { $0 + $1.count }
    if others > 0 { words.append("others (\(share(others)))") }
    let rest = "\(share(holders.sampled - holders.traced)) of \(grouped(holders.sampled)) sampled are not traced"
    return
      "\(name(row.growth)) are held by \(words.isEmpty ? "nobody who was found" : words.joined(separator: ", ")); \(rest)"
  }

  private func distinct(_ growth: Growth) -> String {
    guard let distinct = growth.distinct else { return "" }
    guard growth.repeats else {
      return ", \(grouped(distinct.before)) distinct before, \(grouped(distinct.after)) after"
    }
    let counts =
      distinct.before == distinct.after
      ? "\(grouped(distinct.after)) distinct before and after"
      : "\(grouped(distinct.before)) distinct before, \(grouped(distinct.after)) after"
    return ", \(counts): the same are stored again and again"
  }

  private var notes: [String] {
    var notes: [String] = []
    let allocators = verdict.allocators
    if verdict.first != nil, verdict.last?.heap == nil {
      let heap = allocators.isEmpty ? "no heap" : "the heap is that of \(HeapReport.names(allocators)), not"
      notes.append("\(heap) of glibc's malloc, so chunk sizes are not compared")
    } else if !allocators.isEmpty {
      notes.append("there is also a heap of \(HeapReport.names(allocators)), whose chunk sizes are not compared")
    }
    let uncounted: [(Trend, String)] = [
      (.early, "grew in the first half of the time only"), (.late, "grew in the second half of the time only"),
      (.inside, "found more often in memory that does not grow"),
    ]
    for (trend, what) in uncounted {
      let rows = others.filter { $0.trend == trend && $0.growth.isOneOfAKind }
      guard !rows.isEmpty else { continue }
      let names = rows.prefix(4).map { "\(name($0.growth)) +\(ByteSize($0.growth.byteCount))" }.joined(separator: "; ")
      let more = rows.count > 4 ? "; and \(rows.count - 4) more" : ""
      notes.append("\(what), which does not count: \(names)\(more)")
    }
    if verdict.rows.contains(where: { $0.trend == .unknown }) {
      notes.append("two looks do not tell a leak from what fills up once; more tell, see --count")
    }
    if verdict.last?.isApproximate == true { notes.append("there are too many texts to count all exactly") }
    if verdict.hasEnded { notes.append("the process ended before the watch was over") }
    if verdict.isPartial { notes.append("interrupted before the watch was over") }
    if let dump = verdict.dump { notes.append("dump: \(EscapedText(dump.string.utf8))") }
    if !verdict.fitsPause { notes.append("not all fitted the pause; the rest was read while the process ran") }
    if !verdict.isVerified, !verdict.hasEnded {
      notes.append("WARNING: it could not be seen to run as before; see `memdump status \(verdict.target.id)`")
    }
    notes.append(
      verdict.pauseCount == 0
        ? "never paused"
        : "paused \(counted(verdict.pauseCount, "time")), \(readableTime(nanoseconds: verdict.pauseTime)) in all, "
          + "\(readableTime(nanoseconds: verdict.longestPause)) at most")
    return notes
  }

  /// A line of type `growth` for each row, one of type `holder` for each holder of what grows, then one of type `verdict`.
  var json: [UInt8] {
    var writer = JSONWriter()
    for row in growing + others {
      writer.object { object in
        object.add(row.growth)
        object.member("pid", verdict.target.id.rawValue)
        object.member("bytes_per_second", verdict.perSecond(row.growth.byteCount))
        object.member("trend", row.trend.rawValue)
        object.member("heap_growth_thousandths", verdict.share(of: row))
        if row.growth.kind == .chunkSize { object.add(row.sample) }
      }
      writer.endLine()
    }
    for row in growing {
      for holder in row.holders?.rows.prefix(limit ?? .max) ?? [] {
        writer.object { object in
          object.member("type", "holder")
          object.member("subject", row.growth.shortKey)
          object.add(holder)
          object.member("pid", verdict.target.id.rawValue)
          object.member("sampled", row.holders?.sampled)
          object.member("traced", row.holders?.traced)
        }
        writer.endLine()
      }
    }
    writer.object { object in
      object.member("type", "verdict")
      object.member("pid", verdict.target.id.rawValue)
      object.member("name", verdict.target.printableName)
      object.member("growing", verdict.isGrowing)
      object.member("looks", verdict.last?.number ?? 0)
      object.member("elapsed_ns", verdict.elapsed)
      object.member("resident_before", verdict.first?.footprint?.resident)
      object.member("resident_after", verdict.last?.footprint?.resident)
      object.member("heap_before", verdict.first?.heap?.byteCount)
      object.member("heap_after", verdict.last?.heap?.byteCount)
      object.member("heap_growth", verdict.heapGrowth)
      object.member("other_allocators") { list in
        list.array { values in for other in verdict.allocators { values.value(other.allocator.name) } }
      }
      object.member("pauses", verdict.pauseCount)
      object.member("pause_total_ns", verdict.pauseTime)
      object.member("pause_longest_ns", verdict.longestPause)
      object.member("dump", verdict.dump.map { EscapedText($0.string.utf8).description })
      object.member("ended", verdict.hasEnded)
      object.member("partial", verdict.isPartial)
    }
    writer.endLine()
    return writer.bytes
  }
}

extension Growth {
  /// Whether it is memory without a name.
  fileprivate var isAnonymous: Bool { key.elementsEqual("anon".utf8) }

  /// Whether it is no single socket address, which comes and goes by chance.
  fileprivate var isOneOfAKind: Bool { kind != .sockaddr || distinct != nil }

  /// Whether there are more socket addresses, but hardly any new ones among them.
  fileprivate var repeats: Bool {
    guard let distinct, after.count > before.count else { return false }
    let new = distinct.after - min(distinct.after, distinct.before)
    return new <= (after.count - before.count) / 20
  }
}
