import MemDump
import SystemPackage

/// What an output is: whether a terminal shows it, how wide that is, and whether it has colours.
struct Terminal: Sendable {
  /// The number of columns that lines have to fit into; nil where no terminal shows them.
  let columnCount: Int?
  /// Whether emphasis is shown.
  let hasColor: Bool

  /// The columns that a terminal may have; of another number one nearby is taken.
  private static let sane = 20...10_000
  private static let standardColumnCount = 80
  private static let standardRowCount = 24

  init(_ file: FileDescriptor = .standardOutput, color: ColorChoice = .auto) {
    let isTerminal = Self.isTerminal(file)
    columnCount = isTerminal ? Self.columnCount(of: file) : nil
    hasColor =
      switch color {
      case .always: true
      case .never: false
      case .auto: isTerminal && Self.obeys && Self.wantsColor
      }
  }

  static func isTerminal(_ file: FileDescriptor) -> Bool { Syscall.isTerminal(file) }

  /// Whether the terminals that we run in obey escape sequences.
  static var obeys: Bool { Syscall.environment("TERM").map { !$0.isEmpty && $0 != "dumb" } ?? false }

  /// Whether the user has nothing against colours; see no-color.org.
  private static var wantsColor: Bool { Syscall.environment("NO_COLOR").map(\.isEmpty) ?? true }

  private static func columnCount(of file: FileDescriptor) -> Int {
    if let told = Syscall.environment("COLUMNS").flatMap({ Int($0) }), sane.contains(told) { return told }
    return count(Syscall.terminalSize(file)?.columns, sane, or: standardColumnCount)
  }

  /// The number of rows of a terminal.
  static func rowCount(of file: FileDescriptor) -> Int {
    count(Syscall.terminalSize(file)?.rows, 1...sane.upperBound, or: standardRowCount)
  }

  private static func count(_ told: Int?, _ range: ClosedRange<Int>, or standard: Int) -> Int {
    guard let told, told > 0 else { return standard }
    return min(max(told, range.lowerBound), range.upperBound)
  }

  /// The text with its emphasis. Nothing of it may be cut or measured afterwards.
  func shown(_ text: some StringProtocol, _ emphasis: Emphasis?) -> String {
    guard hasColor, let emphasis, !text.isEmpty else { return String(text) }
    return EscapeSequence.start(emphasis) + text + EscapeSequence.plain
  }

  /// A text in lines that fit, words that warn emphasised.
  ///
  /// - Parameters:
  ///   - indent: the number of blanks before each line but the first.
  ///   - emphasis: the emphasis of all of it.
  func lines(_ text: String, hanging indent: Int = 0, _ emphasis: Emphasis? = nil) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      columnCount.map { String(line).wrapped(to: $0, hanging: indent) } ?? [String(line)]
    }.map { line in
      let warning = "WARNING:"
      guard emphasis == nil, hasColor, let start = line.indices.first(where: { line[$0...].hasPrefix(warning) }) else {
        return shown(line, emphasis)
      }
      return line[..<start] + shown(warning, .wrong) + line[start...].dropFirst(warning.count)
    }
  }
}
