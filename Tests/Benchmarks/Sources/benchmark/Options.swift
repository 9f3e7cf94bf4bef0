import Foundation

/// The command line.
struct Options {
  /// A command line that means nothing.
  struct WrongUsage: Error, CustomStringConvertible {
    let description: String
  }

  static let usage = """
    usage: benchmark --memdump PATH --target PATH [option…] [suite…]
      suites: \(Suite.allCases.map(\.rawValue).joined(separator: ", ")); default: all
      --runs N            rounds, each with every contender once (5)
      --size SIZE         bytes per scanned or dumped region of a process (256M)
      --file-size SIZE    bytes per scanned file (1G)
      --pause-sizes LIST  regions of the suite pause (50M,500M,2G,8G)
      --sparse-size SIZE  the region of the suite dump that is hardly touched (4G)
      --timeout SECONDS   a run that takes longer is ended (200)
      --patience SECONDS  a contender whose runs took longer in sum sits out the further rounds (15)
      --directory DIR     where data and dumps go (TMPDIR or /tmp)
      --static PATH       a fully static build of the tool, which is measured then
      --memdump PATH, --target PATH   the built tool and the built fixture
      --command TEXT      the command line to print
    """

  var suites = Suite.allCases
  var rounds = 5
  var size: UInt64 = 256 << 20
  var fileSize: UInt64 = 1 << 30
  var pauseSizes: [UInt64] = [50 << 20, 500 << 20, 2 << 30, 8 << 30]
  var sparseSize: UInt64 = 4 << 30
  var timeout = 200.0
  var patience = 15.0
  var directory = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
  var memdump = ""
  var staticMemdump: String?
  var target = ""
  var command = "benchmark"

  init(_ arguments: [String]) throws {
    var names: [Suite] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        guard let suite = Suite(rawValue: word) else {
          throw WrongUsage(description: "no suite \(word)\n\(Self.usage)")
        }
        names.append(suite)
        continue
      }
      guard let value = rest.popFirst() else { throw WrongUsage(description: Self.usage) }
      switch word {
      case "--runs": rounds = try Self.number(value)
      case "--size": size = try Self.byteCount(value)
      case "--file-size": fileSize = try Self.byteCount(value)
      case "--pause-sizes": pauseSizes = try value.split(separator: ",").map { try Self.byteCount(String($0)) }
      case "--sparse-size": sparseSize = try Self.byteCount(value)
      case "--timeout": timeout = Double(try Self.number(value))
      case "--patience": patience = Double(try Self.number(value))
      case "--directory": directory = value
      case "--memdump": memdump = value
      case "--static": staticMemdump = value
      case "--target": target = value
      case "--command": command = value
      default: throw WrongUsage(description: "no option \(word)\n\(Self.usage)")
      }
    }
    if !names.isEmpty { suites = names }
    guard !memdump.isEmpty, !target.isEmpty else { throw WrongUsage(description: Self.usage) }
  }

  private static func number(_ text: String) throws -> Int {
    guard let number = Int(text), number > 0 else { throw WrongUsage(description: "\(text) is no number above 0") }
    return number
  }

  private static func byteCount(_ text: String) throws -> UInt64 {
    let shift: UInt64 =
      switch text.last {
      case "K": 10
      case "M": 20
      case "G": 30
      default: 0
      }
    guard let number = UInt64(shift == 0 ? text : String(text.dropLast())), number > 0, number < 1 << 33 else {
      throw WrongUsage(description: "\(text) is no size such as 256M")
    }
    return number << shift
  }
}
