import MemDump
import SystemPackage

/// A page of a terminal that shows growing processes until a key ends it.
final class LivePage {
  /// What a key does.
  private enum Key {
    case quit
    case sort(GrowthOrder)

    init?(_ byte: UInt8) {
      switch byte {
      case UInt8(ascii: "q"), UInt8(ascii: "Q"), 4: self = .quit
      case UInt8(ascii: "g"): self = .sort(.growth)
      case UInt8(ascii: "r"): self = .sort(.resident)
      case UInt8(ascii: "n"): self = .sort(.name)
      default: return nil
      }
    }
  }

  private static let ending = [SignalNumber.interrupt, SignalNumber.terminate, SignalNumber.hangUp]
  /// What ends it, what stops it for a while (Ctrl-Z), and what tells of another size.
  private static let signals = ending + [SignalNumber.terminalStop, SignalNumber.windowChange]
  /// The lines that are no rows of the table: two above it, its heading, the note on what has no room, and the one of the cursor.
  private static let otherLineCount = 5

  /// What comes first now.
  private(set) var order: GrowthOrder
  private let every: UInt64
  private let format: OutputFormat
  private let signals: Descriptor

  /// A page on standard output, with keys from standard input; nil where these are no terminals that can do that.
  init?(every: Duration, order: GrowthOrder, output format: OutputFormat) {
    guard Terminal.isTerminal(.standardOutput), Terminal.isTerminal(.standardInput), Terminal.obeys,
      let signals = try? Syscall.signalFile(Self.signals)
    else { return nil }
    self.signals = signals
    (self.every, self.order, self.format) = (max(1, every.nanosecondCount), order, format.withoutNext)
  }

  /// Shows the processes until a key or a signal ends it.
  ///
  /// - Returns: the last look, and the signal.
  func run(_ table: inout ResidentTable) throws -> (look: GrowthLook, signal: Int32?) {
    let started = Syscall.monotonicTime
    var look = GrowthLook(rows: table.look(), number: 1, elapsed: 0)
    var mode = try open()
    defer { close(mode) }
    while true {
      try draw(look)
      let next = started &+ (look.elapsed / every + 1) &* every
      let ready = try Syscall.waitForInput([.standardInput, signals.file], until: next)
      if ready[1], let signal = try? Syscall.readSignal(signals.file) {
        if Self.ending.contains(signal) { return (look, signal) }
        if signal == SignalNumber.terminalStop {
          close(mode)
          Syscall.stopOurselves()
          mode = try open()
        }
      } else if ready[0] {
        // The end of the keys is the end of the page.
        guard let byte = try Syscall.contents(.standardInput, limit: 1).first else { return (look, nil) }
        switch Key(byte) {
        case .quit: return (look, nil)
        case .sort(let order): self.order = order
        case nil: break
        }
      } else {
        look = GrowthLook(rows: table.look(), number: look.number + 1, elapsed: Syscall.monotonicTime - started)
      }
    }
  }

  private func open() throws -> Syscall.TypingMode? {
    let mode = Syscall.takeKeys(.standardInput)
    try put(EscapeSequence.takePage)
    return mode
  }

  private func close(_ mode: Syscall.TypingMode?) {
    try? put(EscapeSequence.leavePage)
    if let mode { Syscall.restore(mode, .standardInput) }
  }

  private func put(_ text: String) throws {
    let output = StandardOutput()
    output.append(text)
    try output.flush()
  }

  /// One write, so that nothing flickers.
  private func draw(_ look: GrowthLook) throws {
    let output = StandardOutput()
    let terminal = Terminal(color: format.color)
    output.append(EscapeSequence.clearPage)
    let heading =
      "\(counted(look.rows.count, "process")), \(ByteSize(look.resident)) resident, looked at for "
      + readableTime(nanoseconds: look.elapsed)
    let keys = "q quit  g by growth  r by resident memory  n by name"
    for line in [heading, keys] { output.append(line.cut(to: terminal.columnCount ?? .max) + "\n") }
    let room = max(1, Terminal.rowCount(of: .standardOutput) - Self.otherLineCount)
    try TopReport(look: look, order: order, limit: room, isLive: true).print(as: format, to: output)
  }
}
