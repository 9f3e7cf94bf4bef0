import MemDump

/// The report of `memdump watch` on a look.
struct LookReport: Report {
  let look: WatchLook
  let target: TargetProcess
  /// The time since the first look, in nanoseconds.
  let elapsed: UInt64
  /// The resident bytes at this look and at those before.
  let residents: [UInt64]
  let isFirst: Bool
  /// Whether several processes are watched.
  let hasSeveral: Bool

  func describe(to page: inout some Rendering) { page.row("look", look, fields, isFirst: isFirst) }

  private var fields: [Field<WatchLook>] {
    let (process, elapsed) = (target.id, elapsed)
    let pid = { @Sendable (_: WatchLook) in process.rawValue }
    return [
      hasSeveral ? Field(.pid, pid, .right("PID", width: 8)) { _ in process.description } : Field(.pid, pid),
      Field(.number, \.number),
      Field("time_us", { $0.instant / 1000 }, .right("TIME", width: 8)) { _ in
        "\(elapsed / 1_000_000_000).\(elapsed / 100_000_000 % 10) s"
      },
      Field(.resident, \.footprint?.resident, .right("RSS", width: 10)) { Self.size($0.footprint?.resident) },
      Field(.swap, \.footprint?.swap),
      Field("heap_bytes", \.heap?.byteCount, .right("HEAP", width: 10)) { Self.size($0.heap?.byteCount) },
      Field("heap_chunks", \.heap?.count, .right("CHUNKS", width: 10, leaves: 3)) {
        $0.heap.map { grouped($0.count) } ?? "-"
      },
      Field("heap_region_bytes", \.heapRegionByteCount),
      Field("sockaddrs", \.addresses.count, .right("SOCKADDRS", width: 10, leaves: 2)) { grouped($0.addresses.count) },
      Field("sockaddrs_distinct", \.distinctAddressCount, .right("DISTINCT", width: 9, leaves: 1)) {
        grouped($0.distinctAddressCount)
      },
    ] + Field.looks { [$0.proof] } + [
      Field(.right("PAUSE", width: 8, leaves: 5)) { look in
        look.proof.pause.map { readableTime(nanoseconds: $0.duration) } ?? "none"
      }.emphasised { $0.proof.hasLongPause ? .attention : nil },
      Field(.readLiveBytes, \.proof.readLiveByteCount),
      Field("analysis_ns", \.analysisTime),
      Field(.approximate, \.isApproximate),
    ] + (Terminal().columnCount == nil ? [] : [curve])
  }

  private var curve: Field<WatchLook> {
    let residents = residents
    let heading = Column.left(
      "RSS TREND", width: LookPrinter.curveLength, overflow: .cut(keeping: .end), leaves: 4)
    return Field(heading) { _ in sparkline(residents) }
  }

  private static func size(_ byteCount: UInt64?) -> String { byteCount.map { ByteSize($0).description } ?? "-" }
}
