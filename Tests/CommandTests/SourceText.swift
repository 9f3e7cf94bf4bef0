import MemDumpTestSupport

/// A file of Swift as a reader of its structure needs it: without comments, and of literals of text only what is interpolated.
struct SourceText {
  /// The place of the file below the folder that was asked for, such as `Memory/PageMap.swift`.
  let path: String
  /// The words in the order of the file.
  let words: [Word]

  struct Word {
    var text: String
    /// Whether a `.` stands right before it: then it is a member of something, and no name of its own.
    var isMember: Bool
    /// How deep in braces it stands.
    var depth: Int
  }

  /// The folder that the file is in; empty for none.
  var room: String { path.contains("/") ? String(path.prefix { $0 != "/" }) : "" }

  /// The name of the file.
  var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  init(path: String, _ text: String) {
    self.path = path
    var scanner = Scanner(Array(text.utf8))
    words = scanner.words()
  }

  /// All files of Swift below a folder.
  static func all(in directory: String, at path: String = "") -> [SourceText] {
    fileNames(in: directory).sorted().flatMap { name -> [SourceText] in
      let place = path.isEmpty ? name : path + "/" + name
      if name.hasSuffix(".swift") { return [SourceText(path: place, fileText(directory + "/" + name) ?? "")] }
      return name.contains(".") ? [] : all(in: directory + "/" + name, at: place)
    }
  }

  private static let introducers: Set<String> = ["struct", "class", "enum", "protocol", "actor", "typealias"]

  /// The types that the file declares outside of every other one.
  var types: [String] { declarations.filter { $0.depth == 0 }.map(\.text) }

  /// The types that it declares inside of others, or of extensions.
  var nestedTypes: [String] { declarations.filter { $0.depth > 0 }.map(\.text) }

  private var declarations: [Word] {
    zip(words, words.dropFirst()).filter { introducer, name in
      Self.introducers.contains(introducer.text) && !introducer.isMember && name.text.first?.isUppercase == true
    }.map(\.1)
  }

  /// The names of types that stand in it, members of others left out.
  var names: Set<String> {
    Set(words.filter { !$0.isMember && $0.text.first?.isUppercase == true }.map(\.text))
  }

  private struct Scanner {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func words() -> [Word] {
      var words: [Word] = []
      while index < bytes.count { step(&words) }
      return words
    }

    /// Goes past a comment, a literal, a word or a character.
    private mutating func step(_ words: inout [Word]) {
      if starts("//") {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      } else if starts("\"\"\"") {
        passText(closedBy: "\"\"\"", &words)
      } else if starts("\"") {
        passText(closedBy: "\"", &words)
      } else if Self.isLetter(bytes[index]) {
        let start = index
        while index < bytes.count, Self.isLetter(bytes[index]) { index += 1 }
        let isMember = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
        words.append(
          Word(text: String(decoding: bytes[start..<index], as: UTF8.self), isMember: isMember, depth: depth))
      } else {
        if bytes[index] == UInt8(ascii: "{") { depth += 1 }
        if bytes[index] == UInt8(ascii: "}") { depth -= 1 }
        index += 1
      }
    }

    private mutating func passText(closedBy quote: String, _ words: inout [Word]) {
      index += quote.utf8.count
      while index < bytes.count, !starts(quote) {
        if starts("\\(") { passInterpolation(&words) } else { index += starts("\\") ? 2 : 1 }
      }
      index += quote.utf8.count
    }

    private mutating func passInterpolation(_ words: inout [Word]) {
      index += 2
      var nesting = 1
      while index < bytes.count, nesting > 0 {
        if bytes[index] == UInt8(ascii: "(") { nesting += 1 }
        if bytes[index] == UInt8(ascii: ")") { nesting -= 1 }
        step(&words)
      }
    }

    private func starts(_ text: String) -> Bool { index < bytes.count && bytes[index...].starts(with: text.utf8) }

    private static func isLetter(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: byte >= 0x80
      }
    }
  }
}
