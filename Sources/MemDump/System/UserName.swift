import SystemPackage

/// The names of users, as /etc/passwd has them: a static program has no other way to a name; see passwd(5).
package enum UserName {
  private static let file: FilePath = "/etc/passwd"
  /// The most bytes of the file that are read.
  private static let limit = 1 << 20

  /// A user for a sentence: the number, and the name in brackets where it is known, safe to print.
  static func text(_ user: UInt32) -> String { name(of: user).map { "\(user) (\($0))" } ?? "\(user)" }

  /// The name of a user, safe to print; nil where it is not known.
  package static func name(of user: UInt32) -> String? {
    guard let opened = try? Descriptor(openingRegular: file),
      let bytes = try? Syscall.contents(opened.file, limit: limit)
    else { return nil }
    return name(of: user, in: bytes).map { EscapedText($0).description }
  }

  /// The name of a user in the text of a passwd file; nil where no line has the number.
  static func name(of user: UInt32, in bytes: [UInt8]) -> ArraySlice<UInt8>? {
    let number = Array("\(user)".utf8)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
      if fields.count == 4, fields[2].elementsEqual(number), !fields[0].isEmpty { return fields[0] }
    }
    return nil
  }
}
