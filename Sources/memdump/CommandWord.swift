import ArgumentParser
import MemDump
import SystemPackage

/// The word of the command line that names a command.
enum CommandWord {
  private static var commands: [any ParsableCommand.Type] { MemdumpCommand.configuration.subcommands }
  private static var names: [String] {
    commands.flatMap { [$0.configuration.commandName ?? ""] + $0.configuration.aliases } + ["help"]
  }

  /// Refuses a word that names no command, also behind `help`, which the parser takes for the whole help.
  static func check(_ words: some Sequence<String>) throws {
    let words = Array(words)
    guard let first = words.first, !first.hasPrefix("-") else { return }
    guard names.contains(first) else { throw ValidationError(refusal(first)) }
    guard first == "help", let topic = words.dropFirst().first(where: { !$0.hasPrefix("-") }) else { return }
    guard names.contains(topic) else { throw ValidationError(refusal(topic)) }
  }

  /// The command of the command line, where it names one.
  static var current: String? {
    CommandLine.arguments.dropFirst().first.flatMap { $0 != "help" && names.contains($0) ? $0 : nil }
  }

  private static func refusal(_ word: String) -> String {
    let printable = EscapedText(word.utf8).description
    let sentence = "there is no command '\(printable)'."
    return suggestion(word).map { "\(sentence) Did you mean `memdump \($0)`?" } ?? sentence
  }

  /// What was meant by a word in place of a command: a process or a file without a command, or a command in other letters.
  private static func suggestion(_ word: String) -> String? {
    let printable = EscapedText(word.utf8).description
    if ProcessQuery.isProcess(word) { return "regions \(printable)" }
    if let file = try? Syscall.attributes(FilePath(word)), file.isRegular { return "scan \(printable)" }
    let shown = commands.filter { $0.configuration.shouldDisplay }
    let distances = shown.map { command -> (name: String, distance: Int) in
      let name = command.configuration.commandName ?? ""
      return (name, distance(Array(word.utf8), Array(name.utf8)))
    }
    guard word.utf8.count > 2, let near = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return near.distance <= 2 ? near.name : nil
  }

  /// How many letters have to be put in, taken out or changed to make one word of another (Levenshtein).
  private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (index, letter) in first.prefix(64).enumerated() {
      var corner = row[0]
      row[0] = index + 1
      for (column, other) in second.enumerated() {
        let above = row[column + 1]
        row[column + 1] = min(above + 1, row[column] + 1, corner + (letter == other ? 0 : 1))
        corner = above
      }
    }
    return row[second.count]
  }
}

extension MemdumpCommand {
  /// Ends the tool with what an error says, and with its status.
  static func leave(_ error: any Error) -> Never {
    switch error {
    case let error as MemDumpError:
      ErrorReport(error).write()
      exit(withError: ExitStatus(of: error).exitCode)
    case is BrokenPipe: exit(withError: ExitStatus.done.exitCode)
    case is ExitCode: exit(withError: error)
    default:
      // Help and the version are no errors, but come this way.
      guard exitCode(for: error) != .success else { exit(withError: error) }
      ErrorReport(usage: sentence(message(for: error))).write()
      exit(withError: ExitStatus.usage.exitCode)
    }
  }

  /// A message of the parser as a sentence like the others, with the way to the help.
  private static func sentence(_ message: String) -> String {
    var text = message.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    if let first = text.first, first.isUppercase, text.dropFirst().first?.isLowercase == true {
      text = first.lowercased() + text.dropFirst()
    }
    if let last = text.last, !".?!".contains(last) { text += "." }
    let command = CommandWord.current.map { "\($0) --help" } ?? "--help"
    return escaped(text) + " See `memdump \(command)`."
  }

  /// The text with what no one should send to a terminal escaped: the parser repeats words as they are.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { $0 == "\\" ? "\\" : EscapedText(String($0).utf8).description }.joined()
  }
}
