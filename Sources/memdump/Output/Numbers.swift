/// A number with a comma before every three digits: `22,941`.
func grouped(_ number: some BinaryInteger) -> String {
  var writer = CellWriter()
  if number < 0 { writer.add("-") }
  writer.add(grouped: UInt64(number.magnitude))
  return writer.text
}

/// A time for people: `812 µs`, `45.2 ms`, `2.30 s`.
func readableTime(nanoseconds: UInt64) -> String {
  func decimal(_ unit: UInt64, _ digits: Int) -> String {
    var scale: UInt64 = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = nanoseconds / (unit / scale)
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
  switch nanoseconds {
  case ..<1_000: return "\(nanoseconds) ns"
  case ..<1_000_000: return "\(nanoseconds / 1_000) µs"
  case ..<1_000_000_000: return decimal(1_000_000, 1) + " ms"
  default: return decimal(1_000_000_000, 2) + " s"
  }
}

/// A long time for people: `3 h 12 min`, `4 min 5 s`, `12 s`.
func readableAge(nanoseconds: UInt64) -> String {
  let seconds = nanoseconds / 1_000_000_000
  switch seconds {
  case ..<60: return "\(seconds) s"
  case ..<3_600: return "\(seconds / 60) min \(seconds % 60) s"
  case ..<86_400: return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
  default: return "\(seconds / 86_400) d \(seconds % 86_400 / 3_600) h"
  }
}

/// A rate for people: `5.4 GB/s`.
func readableRate(byteCount: UInt64, nanoseconds: UInt64) -> String {
  let megabytes = byteCount / max(1, nanoseconds / 1_000)
  return megabytes >= 1_000 ? "\(megabytes / 1_000).\(megabytes % 1_000 / 100) GB/s" : "\(megabytes) MB/s"
}

/// A number with a noun, in the plural unless the number is one.
func counted(_ number: some BinaryInteger, _ noun: String) -> String {
  "\(grouped(number)) \(noun)" + (number == 1 ? "" : noun.hasSuffix("s") ? "es" : "s")
}

/// A share for people: `99.5 %`.
func percentage(thousandths: UInt64) -> String { "\(thousandths / 10).\(thousandths % 10) %" }
