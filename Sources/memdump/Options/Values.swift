public import ArgumentParser
public import MemDump

extension ByteSize: ExpressibleByArgument {
  /// Reads a size such as `10M`.
  public init?(argument: String) { self.init(parsing: argument) }
}

extension RegionKind: ExpressibleByArgument {}
extension LookMode: ExpressibleByArgument {}
extension TextEncoding: ExpressibleByArgument {}
extension DumpFormat: ExpressibleByArgument {}
extension OutputFormat.Kind: ExpressibleByArgument {}

extension CoreFilter: ExpressibleByArgument {
  /// Reads bits such as `0x33`.
  public init?(argument: String) { self.init(parsing: argument) }
}

extension Address: ExpressibleByArgument {
  /// Reads an address such as `0x7f00`.
  public init?(argument: String) {
    guard argument.hasPrefix("0x"), let number = UInt64(argument.dropFirst(2), radix: 16) else { return nil }
    self.init(number)
  }
}

/// A time as people write it: `500ms`, `2s`, `1.5s`, `3m`, `1h`; a number alone is seconds.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration
  let description: String

  init?(argument: String) {
    let written = argument.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == ",") }
    let rest = argument.dropFirst(written.count)
    // A blank stands before the unit where we print one.
    let unit: Double? =
      switch rest.first == " " && rest.count > 1 ? rest.dropFirst() : rest {
      case "us", "µs": 1e3
      case "ms": 1e6
      case "", "s": 1e9
      case "m", "min": 60e9
      case "h": 3600e9
      default: nil
      }
    guard let unit, let number = GroupedDigits.digits(written).flatMap(Double.init), (1...1e18).contains(number * unit)
    else { return nil }
    duration = .nanoseconds(Int64(number * unit))
    description = argument
  }

  init(milliseconds: UInt64) {
    (duration, description) = (.milliseconds(milliseconds), "\(milliseconds)ms")
  }

  init(seconds: UInt64) { (duration, description) = (.seconds(seconds), "\(seconds)s") }

  var defaultValueDescription: String { description }
}

/// The largest number of rows to print, of which 0 is all.
struct RowLimit: ExpressibleByArgument, ExpressibleByIntegerLiteral {
  private let written: UInt32

  init?(argument: String) {
    guard let number = GroupedDigits.digits(argument).flatMap({ UInt32($0) }) else { return nil }
    written = number
  }

  init(integerLiteral number: UInt32) { written = number }

  /// The number of rows; nil for all.
  var count: Int? { written == 0 ? nil : Int(written) }

  var defaultValueDescription: String { "\(written)" }
}

/// A number of things as people write it, and as it is printed: `1040`, `1,040`.
struct Count: ExpressibleByArgument, ExpressibleByIntegerLiteral {
  let number: UInt64

  init?(argument: String) {
    guard let number = GroupedDigits.digits(argument).flatMap({ UInt64($0) }) else { return nil }
    self.number = number
  }

  init(integerLiteral number: UInt64) { self.number = number }

  var defaultValueDescription: String { "\(number)" }
}

/// Reads a selector; the error for a malformed one has the library's own sentence.
func parseSelector(_ text: String) throws -> RegionSelector {
  do throws(MemDumpError) { return try RegionSelector(parsing: text) } catch {
    throw ValidationError("\(error)")
  }
}

/// Reads a trigger; the error for a malformed one has the library's own sentence.
func parseTrigger(_ text: String) throws -> Trigger {
  do throws(MemDumpError) { return try Trigger(parsing: text) } catch {
    throw ValidationError("\(error)")
  }
}

/// A part of a processor as people write it: `1%`, `0.5%`; a number alone is per cent, too.
struct Share: ExpressibleByArgument {
  let thousandths: UInt64

  init?(argument: String) {
    guard let number = Double(argument.last == "%" ? argument.dropLast() : argument[...]), (0.1...50).contains(number)
    else { return nil }
    thousandths = UInt64((number * 10).rounded())
  }

  init(thousandths: UInt64) { self.thousandths = thousandths }

  var defaultValueDescription: String {
    thousandths % 10 == 0 ? "\(thousandths / 10)%" : "\(thousandths / 10).\(thousandths % 10)%"
  }
}
