import ArgumentParser
import MemDump
import SystemPackage

/// `memdump demo`: starts a leaking process, and shows the way to the leak.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Start a small leaking process and walk through regions, dump, scan and status on it.",
    discussion: """
      It needs no rights and no other program, takes a few seconds, and leaves nothing behind.

      Example:
        memdump demo
      """)

  @OptionGroup var display: DisplayOptions

  func run() throws {
    let stage = try DemoStage(display.color)
    let leaker = try stage.startLeaker()
    try stage.say(
      """
      Process \(leaker) plays a proxy whose service discovery leaks: every refresh of its upstream
      lists goes into new arenas, and the old ones are never freed. Its memory is all there is to go by.

      Which regions are large?

      """)
    try stage.run(["regions", "\(leaker)", "--min-size", "10M"])
    try stage.say("\nOne has grown far beyond what the program itself needs. Copy it, while the process runs on:\n")
    try stage.run(["dump", "\(leaker)", "--region", "largest", "-o", stage.dump.string])
    try stage.say("\nWhat is it full of?\n")
    try stage.run(["scan", stage.dump.string, "--top", "10"])
    try stage.say("\nThe same without a file in between, straight from the process:\n")
    try stage.run(["scan", "\(leaker)", "--top", "3"])
    try stage.say(
      """

      The same upstream addresses are stored again and again: the leak is where upstream
      lists are kept. And the process was never stopped:

      """)
    try stage.run(["status", "\(leaker)"])
    try stage.say(
      "\nThe process has been ended and the dump removed. Now try it on one of yours: memdump regions PID\n")
  }
}

/// The process and the directory of a demo, which go when this value goes, Ctrl-C or not.
private final class DemoStage {
  private let directory: FilePath
  private let signals: Descriptor
  private let program: String
  private let color: ColorChoice
  private var leaker: (id: ProcessID, input: FileDescriptor)?

  var dump: FilePath { directory.appending("leak.raw") }

  init(_ color: ColorChoice) throws {
    self.color = color
    do throws(Errno) {
      program = String(decoding: try Syscall.readLink(ProcFS.ownPath(.exe)), as: UTF8.self)
      signals = try Syscall.signalFile([SignalNumber.interrupt, SignalNumber.terminate, SignalNumber.hangUp])
      directory = try Syscall.makeTemporaryDirectory("memdump-demo-")
    } catch { throw MemDumpError.command("demo", error) }
  }

  deinit {
    if let leaker {
      try? Syscall.kill(leaker.id, SignalNumber.kill)
      _ = try? Syscall.exitStatus(of: leaker.id)
    }
    for name in ["leak.raw", "leak.raw.json"] { Syscall.unlink(directory.appending(name)) }
    Syscall.removeDirectory(directory)
  }

  /// Says a text, in lines as a terminal has room for.
  func say(_ text: String) throws {
    let output = StandardOutput()
    let terminal = Terminal()
    let text = terminal.columnCount == nil ? text : Self.unfolded(text)
    try output.write(terminal.lines(text).joined(separator: "\n"))
    try output.flush()
  }

  /// The text with each paragraph in one line.
  private static func unfolded(_ text: String) -> String {
    let characters = Array(text)
    return String(
      characters.indices.map { index in
        let around = [index - 1, index + 1].map { characters.indices.contains($0) ? characters[$0] : "\n" }
        return characters[index] == "\n" && !around.contains("\n") ? " " : characters[index]
      })
  }

  /// Starts the process, and waits until it has leaked something worth a look.
  func startLeaker() throws -> ProcessID {
    do throws(Errno) {
      let (input, output) = (try Syscall.pipe(), try Syscall.pipe())
      let reading = Descriptor(owning: output.reading)
      defer {
        for end in [input.reading, output.writing] { try? end.close() }
      }
      let id = try Syscall.spawn([program, LeakCommand.name], files: [0: input.reading, 1: output.writing])
      leaker = (id, input.writing)
      let ready = try Syscall.waitForInput([signals.file, reading.file], until: Syscall.monotonicTime + 30_000_000_000)
      if ready[0] { throw .interrupted }
      guard ready[1] else { throw .timedOut }
      return id
    } catch {
      if error == .interrupted { throw try interruption() }
      throw MemDumpError.command(LeakCommand.name, error)
    }
  }

  /// Shows a command and runs it.
  func run(_ words: [String]) throws {
    try say("\n$ memdump \(words.joined(separator: " "))\n")
    var ready: [Bool]
    let status: Int32
    do throws(Errno) {
      let child = try Syscall.spawn([program] + words + ["--no-next", "--color", color.rawValue])
      let file = try Syscall.processFile(child)
      ready = try Syscall.waitForInput([signals.file, file.file], until: .max)
      if ready[0] { try? Syscall.kill(child, SignalNumber.terminate) }
      status = try Syscall.exitStatus(of: child)
    } catch { throw MemDumpError.command("memdump \(words[0])", error) }
    if ready[0] { throw try interruption() }
    try ExitStatus.command(status).leave()
  }

  private func interruption() throws -> ExitCode {
    ExitStatus.signal((try? Syscall.readSignal(signals.file)) ?? SignalNumber.interrupt).exitCode
  }
}
