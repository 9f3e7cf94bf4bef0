public import SystemPackage

/// A list of texts and bytes to look for, as a person keeps it in a file: `--find-file LIST`.
///
/// A needle stands in a line of its own:
/// 1. `hex:de ad ?? ef` are bytes, as ``BytesPattern/init(hexadecimal:)`` reads them, and `text:…` is a text.
/// 2. `name:NAME ` before either is the name under which it is found, of 1 to 64 letters, digits, `.`, `-` and `_`.
/// 3. Any other line is a text, byte for byte with its blanks, but for a line that begins with `#` and one of nothing but
///    blanks, which do not count.
///
/// A carriage return at the end of a line and the mark of UTF-8 at the begin of the list do not count either. No needle and no
/// name stands twice.
public struct NeedleList: Sendable {
  /// The size of the largest list, in bytes.
  public static let byteLimit: UInt64 = 16 << 20
  /// The length of the longest line, in bytes: the longest needle in hexadecimal fits in, with blanks and a name.
  static let lineLimit = 16 << 10
  private static let nameLimit = 64

  /// The needles, in the order of the list.
  public private(set) var patterns: [BytesPattern] = []

  /// Reads a list from a file, which is a regular one. Throws ``MemDumpError/Code/file`` and
  /// ``MemDumpError/Code/badNeedles``.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - ignoringCase: whether ASCII letters of texts match in either case.
  public init(contentsOf path: FilePath, ignoringCase: Bool = false) throws(MemDumpError) {
    let contents: [UInt8]
    do throws(Errno) {
      let file = try Descriptor(openingRegular: path)
      contents = try Syscall.contents(file.file, limit: Int(Self.byteLimit) + 1)
    } catch {
      throw MemDumpError(error == .invalidArgument ? .notARegularFile(path) : .file(path, .open, error))
    }
    try self.init(parsing: contents, of: path, ignoringCase: ignoringCase)
  }

  /// Reads a list. Throws ``MemDumpError/Code/badNeedles``, with the line.
  ///
  /// - Parameters:
  ///   - contents: the bytes of the list.
  ///   - path: the name of the list in errors.
  ///   - ignoringCase: whether ASCII letters of texts match in either case.
  public init(parsing contents: [UInt8], of path: FilePath, ignoringCase: Bool = false) throws(MemDumpError) {
    func refuse(_ problem: NeedleProblem, line: Int? = nil) -> MemDumpError {
      MemDumpError(.needles(path, line: line, problem))
    }
    guard UInt64(contents.count) <= Self.byteLimit else { throw refuse(.tooLarge(limit: Self.byteLimit)) }
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let lines = contents.dropFirst(contents.starts(with: mark) ? mark.count : 0)
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var (lineOfName, lineOfLiteral): ([String: Int], [Literal: Int]) = ([:], [:])
    for (index, line) in lines.enumerated() {
      do throws(NeedleFailure) {
        guard let needle = try Self.needle(line, ignoringCase) else { continue }
        if let name = needle.givenName {
          if let first = lineOfName[name] { throw NeedleFailure(.sameName(name, line: first)) }
          lineOfName[name] = index + 1
        }
        if let literal = needle.pattern.literal {
          if let first = lineOfLiteral[literal] { throw NeedleFailure(.sameNeedle(line: first)) }
          lineOfLiteral[literal] = index + 1
        }
        guard patterns.count < Scan.mostPatterns else { throw NeedleFailure(.tooMany(limit: Scan.mostPatterns)) }
        patterns.append(needle.pattern)
      } catch { throw refuse(error.problem, line: index + 1) }
    }
    if patterns.isEmpty { throw refuse(.noNeedle) }
  }

  /// The needle of a line; nil where the line does not count.
  private static func needle(
    _ line: ArraySlice<UInt8>, _ ignoringCase: Bool
  ) throws(NeedleFailure) -> (pattern: BytesPattern, givenName: String?)? {
    var rest = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    guard rest.count <= lineLimit else { throw NeedleFailure(.longLine(limit: lineLimit)) }
    guard !rest.contains(0) else { throw NeedleFailure(.nul) }
    guard rest.first != UInt8(ascii: "#"), !rest.allSatisfy(isBlank) else { return nil }
    var name: String?
    if take("name:", from: &rest) {
      let word = rest.prefix { !isBlank($0) }
      name = try Self.name(word)
      rest = rest.dropFirst(word.count).drop(while: isBlank)
      guard rest.starts(with: "hex:".utf8) || rest.starts(with: "text:".utf8) else { throw NeedleFailure(.nameAlone) }
    }
    if take("hex:", from: &rest) { return (try bytes(rest, name), name) }
    _ = take("text:", from: &rest)
    guard !rest.isEmpty else { throw NeedleFailure(.empty) }
    guard rest.count <= ScanKernel.longestNeedle else {
      throw NeedleFailure(.longNeedle(limit: ScanKernel.longestNeedle))
    }
    guard let text = String(validating: rest, as: UTF8.self),
      let pattern = BytesPattern(text: text, ignoringCase: ignoringCase, name: name)
    else { throw NeedleFailure(.notText) }
    return (pattern, name)
  }

  private static func bytes(_ digits: ArraySlice<UInt8>, _ name: String?) throws(NeedleFailure) -> BytesPattern {
    let rest = digits.drop(while: isBlank)
    let digitCount = rest.count { !isBlank($0) }
    guard digitCount > 0 else { throw NeedleFailure(.empty) }
    guard digitCount <= 2 * ScanKernel.longestNeedle else {
      throw NeedleFailure(.longNeedle(limit: ScanKernel.longestNeedle))
    }
    let text = String(decoding: rest.map { isBlank($0) ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    guard let pattern = BytesPattern(hexadecimal: text, name: name) else { throw NeedleFailure(.notBytes) }
    return pattern
  }

  private static func name(_ word: ArraySlice<UInt8>) throws(NeedleFailure) -> String {
    let name = String(decoding: word, as: UTF8.self)
    let isName = word.allSatisfy { $0.isLetter || $0.isDecimalDigit || Array("._-".utf8).contains($0) }
    guard isName, (1...nameLimit).contains(word.count) else { throw NeedleFailure(.notAName) }
    guard !Patterns.all.contains(where: { $0.name == name }) else { throw NeedleFailure(.patternName(name)) }
    return name
  }

  private static func take(_ word: String, from rest: inout ArraySlice<UInt8>) -> Bool {
    let bytes = Array(word.utf8)
    guard rest.starts(with: bytes) else { return false }
    rest = rest.dropFirst(bytes.count)
    return true
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

/// What is wrong with a line.
private struct NeedleFailure: Error {
  let problem: NeedleProblem
  init(_ problem: NeedleProblem) { self.problem = problem }
}
