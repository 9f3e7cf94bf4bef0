import MemDump

/// Prints what happens in a watch, as it happens: a line for each look.
final class LookPrinter {
  private let hasSeveral: Bool
  private let isJSON: Bool
  private let showsCurve: Bool
  private var curves: [ProcessID: (start: UInt64, residents: [UInt64])] = [:]

  /// How many looks a curve shows.
  private static let curveLength = 32

  init(hasSeveral: Bool, isJSON: Bool) {
    (self.hasSeveral, self.isJSON) = (hasSeveral, isJSON)
    showsCurve = !isJSON && StandardOutput.isTerminal
  }

  func print(_ event: Watch.Event, of target: TargetProcess) throws {
    switch event {
    case .look(let look): try write(isJSON ? json(look, target) : Array(line(look, target).utf8))
    case .fired(let trigger, let value):
      StandardError.write("\(name(target)): \(trigger.metric.rawValue) is \(ByteSize(value)); taking a dump")
    case .dumped(let path, let summary):
      let report = DumpReport(summary, path: path)
      try write(isJSON ? report.json : Array(report.text(of: target).utf8))
    case .failed(let error): StandardError.write("memdump: \(error)")
    case .ended: StandardError.write("\(name(target)) has ended; the verdict is of what was seen until then")
    }
  }

  private func name(_ target: TargetProcess) -> String { "\(target.id) (\(target.printableName))" }

  private func write(_ bytes: [UInt8]) throws {
    var output = StandardOutput()
    try output.write(bytes)
    try output.flush()
  }

  private struct Column {
    var title: String
    var cell: String
    var width: Int
  }

  /// The columns, with their widths: lines come one by one, so no column can wait for what is in it.
  private func columns(_ look: WatchLook, _ target: TargetProcess, elapsed: UInt64) -> [Column] {
    var columns: [Column] = []
    func add(_ title: String, _ width: Int, _ cell: String?) {
      columns.append(Column(title: title, cell: cell ?? "-", width: width))
    }
    if hasSeveral { add("PID", 8, target.id.description) }
    add("TIME", 8, "\(elapsed / 1_000_000_000).\(elapsed / 100_000_000 % 10) s")
    add("RSS", 10, look.footprint.map { ByteSize($0.resident).description })
    add("HEAP", 10, look.heap.map { ByteSize($0.byteCount).description })
    add("CHUNKS", 10, look.heap.map { grouped($0.count) })
    add("SOCKADDRS", 10, grouped(look.addresses.count))
    add("DISTINCT", 9, grouped(look.distinctAddressCount))
    add("PAUSE", 8, look.proof.pause.map { readableTime(nanoseconds: $0.duration) } ?? "none")
    return columns
  }

  private func line(_ look: WatchLook, _ target: TargetProcess) -> String {
    let isFirst = curves.isEmpty
    var curve = curves[target.id] ?? (look.instant, [])
    curve.residents = (curve.residents + [look.footprint?.resident ?? 0]).suffix(Self.curveLength)
    curves[target.id] = curve
    let columns = columns(look, target, elapsed: look.instant - min(look.instant, curve.start))
    func row(_ cell: (Column) -> String, _ rest: String) -> String {
      let cells = columns.map { column in
        String(repeating: " ", count: max(0, column.width - cell(column).count)) + cell(column)
      }
      return (cells + (showsCurve ? [rest] : [])).joined(separator: "  ") + "\n"
    }
    return (isFirst ? row(\.title, "RSS OVER TIME") : "") + row(\.cell, sparkline(curve.residents))
  }

  /// A line of type `look`.
  private func json(_ look: WatchLook, _ target: TargetProcess) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { object in
      object.member("type", "look")
      object.member("pid", target.id.rawValue)
      object.member("number", look.number)
      object.member("time_ns", look.instant)
      object.member("resident", look.footprint?.resident)
      object.member("swap", look.footprint?.swap)
      object.member("heap_bytes", look.heap?.byteCount)
      object.member("heap_chunks", look.heap?.count)
      object.member("heap_region_bytes", look.heapRegionByteCount)
      object.member("sockaddrs", look.addresses.count)
      object.member("sockaddrs_distinct", look.distinctAddressCount)
      object.add(look.proof)
      object.member("read_live_bytes", look.proof.readLiveByteCount)
      object.member("analysis_ns", look.analysisTime)
      object.member("approximate", look.isApproximate)
    }
    writer.endLine()
    return writer.bytes
  }
}

/// Numbers as bars, the smallest the lowest one: `▁▃▅█`.
func sparkline(_ numbers: [UInt64]) -> String {
  let bars = Array("▁▂▃▄▅▆▇█")
  guard let least = numbers.min(), let most = numbers.max() else { return "" }
  return String(
    numbers.map { number in
      most == least ? bars[0] : bars[Int(Double(number - least) / Double(most - least) * Double(bars.count - 1))]
    })
}
