import Foundation

/// The tests' target process, with the regions that its options name.
final class Fixture {
  /// Memory of the fixture.
  struct Region {
    let start: UInt64
    let byteCount: UInt64
    /// `0xSTART-0xEND`, as memdump takes it.
    var range: String { "\(startText)-\(endText)" }
    var startText: String { hexadecimal(start) }
    var endText: String { hexadecimal(start + byteCount) }
    var sizeText: String { hexadecimal(byteCount) }
  }

  private let companion: Companion
  private var regions: [String: Region] = [:]

  var id: pid_t { companion.id }

  init(_ workspace: Workspace, _ options: [String]) throws {
    companion = try Companion([workspace.target, "--spawned-by-thread"] + options)
    while case let words = try companion.line(), words.first != "ready" {
      if words.count >= 3, let start = Self.number(words[1]), let size = Self.number(words[2]) {
        regions[words[0]] = Region(start: start, byteCount: size)
      }
    }
  }

  /// The region that an option (without its dashes) made.
  func region(_ name: String) throws -> Region {
    guard let region = regions[name] else { throw Failure("the fixture has no region \(name)") }
    return region
  }

  /// The longest time between two heartbeats since the last call, in nanoseconds.
  func gap() throws -> UInt64 { try number("gap") }

  /// How long a fork by the process itself takes, in nanoseconds.
  func fork() throws -> UInt64 { try number("fork") }

  private func number(_ command: String) throws -> UInt64 {
    try companion.send(command)
    let words = try companion.line()
    guard words.count == 2, let number = UInt64(words[1]) else { throw Failure("the fixture answered \(words)") }
    return number
  }

  /// Fails where the process was left stopped.
  func checkRuns() throws {
    let status = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
    let state = status[status.index(after: status.lastIndex(of: ")") ?? status.startIndex)...].dropFirst().first
    guard let state, !"TtZX".contains(state) else { throw Failure("the target was left in state \(state ?? "?")") }
  }

  private static func number(_ text: String) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : nil
  }
}

/// `0x…`.
func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
