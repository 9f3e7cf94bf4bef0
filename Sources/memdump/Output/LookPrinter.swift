import MemDump

/// A printer of the events of a watch, as they happen: a line for each look.
final class LookPrinter {
  private let hasSeveral: Bool
  private let format: OutputFormat
  private var curves: [ProcessID: (start: UInt64, residents: [UInt64])] = [:]

  /// The number of looks that a curve shows.
  static let curveLength = 32

  init(hasSeveral: Bool, format: OutputFormat) { (self.hasSeveral, self.format) = (hasSeveral, format.withoutNext) }

  func print(_ event: Watch.Event, of target: TargetProcess) throws {
    switch event {
    case .look(let look): try report(look, target).print(as: format)
    case .fired(let trigger, let value):
      StandardError.write("\(name(target)): \(trigger.metric.rawValue) is \(ByteSize(value)); taking a dump")
    case .dumped(let path, let summary): try DumpReport(summary, path: path, of: target).print(as: format)
    case .failed(let error): ErrorReport(error).write()
    case .replaced:
      StandardError.write("\(name(target)) has run another program; the verdict is of what was seen until then")
    case .ended: StandardError.write("\(name(target)) has ended; the verdict is of what was seen until then")
    }
  }

  private func name(_ target: TargetProcess) -> String { "\(target.id) (\(target.printableName))" }

  private func report(_ look: WatchLook, _ target: TargetProcess) -> LookReport {
    let isFirst = curves.isEmpty
    var curve = curves[target.id] ?? (look.instant, [])
    curve.residents = (curve.residents + [look.footprint?.resident ?? 0]).suffix(Self.curveLength)
    curves[target.id] = curve
    return LookReport(
      look: look, target: target, elapsed: look.instant - min(look.instant, curve.start), residents: curve.residents,
      isFirst: isFirst, hasSeveral: hasSeveral)
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
