/// Why a list of needles is refused.
package enum NeedleProblem: Sendable {
  /// The list has no needle.
  case noNeedle
  /// The list is larger than the number of bytes that is the limit.
  case tooLarge(limit: UInt64)
  /// There are more needles than a scan takes.
  case tooMany(limit: Int)
  /// A line is longer than the number of bytes that is the limit.
  case longLine(limit: Int)
  /// A needle is longer than the number of bytes that is the limit.
  case longNeedle(limit: Int)
  /// A needle has no bytes.
  case empty
  /// A line has a NUL byte.
  case nul
  /// A text is not UTF-8.
  case notText
  /// What stands behind `hex:` is no row of bytes.
  case notBytes
  /// What stands behind `name:` is no name.
  case notAName
  /// A name stands before neither `hex:` nor `text:`.
  case nameAlone
  /// A name is that of a pattern.
  case patternName(String)
  /// A name stands twice, first in another line.
  case sameName(String, line: Int)
  /// A needle stands twice, first in another line.
  case sameNeedle(line: Int)
}

extension NeedleProblem {
  /// What is wrong and what to try, as a sentence or two.
  var sentence: String {
    switch self {
    case .noNeedle: "it has no needle. Write one a line: a text, or hex: and bytes."
    case .tooLarge(let limit):
      "it is larger than \(ByteSize(limit)), which is the limit. Cut it in parts, and scan for one after the other."
    case .tooMany(let limit):
      "there are more than \(limit) things to look for, those of --wide counted. Cut the list in parts."
    case .longLine(let limit): "it has more than \(limit) bytes. Look for a part of it, which finds the same."
    case .longNeedle(let limit): "the needle has more than \(limit) bytes. Look for a part of it, which finds the same."
    case .empty: "the needle is empty, and would be everywhere. Write what to look for behind the colon."
    case .nul: "it has a NUL byte. Save the list as UTF-8, or write these bytes behind hex: with 00."
    case .notText: "it is not UTF-8. Save the list as UTF-8, or write these bytes behind hex:."
    case .notBytes:
      "what stands behind hex: is not a row of bytes such as de ad ?? ef, of which one digit at least is given."
    case .notAName: "what stands behind name: is not a name of 1 to 64 letters, digits, dots, dashes and underscores."
    case .nameAlone:
      "behind a name stands hex: or text:, as in name:token text:eyJ. Write text: before a text that begins with name: itself."
    case .patternName(let name): "'\(name)' is the name of a pattern of memdump. Choose another one."
    case .sameName(let name, let line): "the name '\(name)' is that of line \(line) already. Choose another one."
    case .sameNeedle(let line): "the needle is that of line \(line) already. Remove one of the two."
    }
  }
}
