/// What a text is to the eye.
enum Emphasis: Sendable {
  /// A heading, or a verdict.
  case strong
  /// What is worth a look.
  case attention
  /// What is not as it has to be.
  case wrong
}

/// The sequences of bytes that a terminal obeys. None comes from anywhere else: texts of a target are escaped.
enum EscapeSequence {
  static let bold = "\u{1b}[1m"
  static let plain = "\u{1b}[0m"
  /// Takes away the line that the cursor is on.
  static let clearLine = "\r\u{1b}[K"

  /// Takes another page of the terminal, without a cursor; ``leavePage`` brings back what was there before.
  static let takePage = "\u{1b}[?1049h\u{1b}[?25l"
  static let leavePage = "\u{1b}[?25h\u{1b}[?1049l"
  /// Goes to the upper left corner, and takes away what is there.
  static let clearPage = "\u{1b}[H\u{1b}[J"

  /// What a text begins with that is emphasised; it ends with ``plain``.
  static func start(_ emphasis: Emphasis) -> String {
    switch emphasis {
    case .strong: bold
    case .attention: "\u{1b}[33m"
    case .wrong: "\u{1b}[1;31m"
    }
  }
}
