import Foundation

/// `1.23 s`, `45.6 ms`, `789 µs`.
func timeText(_ nanoseconds: UInt64) -> String {
  let value = Double(nanoseconds)
  if value >= 1e9 { return three(value / 1e9) + " s" }
  if value >= 1e6 { return three(value / 1e6) + " ms" }
  return three(value / 1e3) + " µs"
}

/// `256 MiB`.
func sizeText(_ byteCount: UInt64) -> String {
  let value = Double(byteCount)
  if value >= 0x1p30 { return three(value / 0x1p30) + " GiB" }
  if value >= 0x1p20 { return three(value / 0x1p20) + " MiB" }
  return three(value / 0x1p10) + " KiB"
}

/// `0.93×`.
func ratioText(_ ratio: Double) -> String { three(ratio) + "×" }

/// Three digits that matter.
func three(_ value: Double) -> String {
  let digits = value >= 100 || value == 0 ? 0 : value >= 10 ? 1 : 2
  return String(format: "%.\(value < 0.1 && value > 0 ? 3 : digits)f", value)
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  let middle = sorted.count / 2
  return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
