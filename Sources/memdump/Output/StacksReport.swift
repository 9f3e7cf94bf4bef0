import MemDump

/// The report of `memdump stacks`.
struct StacksReport: Report {
  let stacks: [ThreadStack]
  var names: StackNames
  /// Why not all calls of a Python program are told; nil where they are, or it is none.
  let pythonProblem: String?
  /// Whether it is a Go program, whose threads tell little.
  let hasGoroutines: Bool
  /// The word for the source, for a next step.
  let source: String?
  /// The name of a thread; nil where threads have none, as in a core.
  let threadNames: ((ThreadID) -> String?)?
  let depth: Int?
  let proof: LookProof?

  /// The number of threads that are named where many have one stack.
  private static let shownThreadCount = 8

  func describe(to page: inout some Rendering) throws {
    var names = names
    for (stack, threads) in ThreadStack.groups(stacks) {
      page.line(heading(threads))
      let frames = stack.frames.flatMap { Self.named($0, &names) }
      for (number, frame) in frames.prefix(depth ?? .max).enumerated() {
        page.item(Self.line(number, frame), end: Self.place(frame.name))
      }
      if let depth, frames.count > depth { page.item("… \(grouped(frames.count - depth)) more") }
      if let note = Self.sentence(stack.end) { page.item("NOTE: \(note)") }
      if let first = stack.unplacedCalls.first {
        page.item("NOTE: in which frames these calls of \(EscapedText(first.language)) are is not known")
        for call in stack.unplacedCalls.prefix(depth ?? .max) {
          let name = StackNames.Name(call)
          page.item("     " + Self.text(name, readable: true), end: Self.place(name))
        }
      }
      page.record("stack", members(stack, threads, frames))
    }
    if hasGoroutines {
      page.fact("Go", "a thread runs any goroutine; what those do is shown by `memdump goroutines`")
      page.next(NextStep("goroutines", source))
    }
    if let pythonProblem { page.fact("NOTE", pythonProblem) }
    if let note = proof?.choice.note { page.fact("mode", note) }
    if let proof { page.pause(of: proof) }
    for note in names.notes { page.fact("NOTE", note) }
    if let shortfall = proof?.shortfall { page.fact("NOTE", shortfall) }
    if let warning = proof?.warning { page.fact("WARNING", warning) }
    page.record(
      "summary",
      [
        Member(.threads, stacks.count), Member(.stacks, ThreadStack.groups(stacks).count),
        Member(.whole, stacks.count { $0.end == .root }),
        Member(.notes, names.notes + [pythonProblem].compactMap(\.self)),
      ] + LookProof.members(of: [proof]))
  }

  private func heading(_ threads: [ThreadID]) -> String {
    let named = threads.prefix(Self.shownThreadCount).map { thread in
      "\(thread)" + (threadNames?(thread).map { " (\($0))" } ?? "")
    }
    let more = threads.count > named.count ? ", and \(grouped(threads.count - named.count)) more" : ""
    return counted(threads.count, "thread") + ": " + named.joined(separator: ", ") + more
  }

  /// A frame with its name, where it has one.
  typealias NamedFrame = (frame: ThreadStack.Frame, name: StackNames.Name?)

  private static func line(_ number: Int, _ frame: NamedFrame) -> String {
    let digits = "\(number)"
    return String(repeating: " ", count: max(0, 3 - digits.count)) + digits + "  " + text(frame, readable: true)
  }

  /// The functions that are under way in a frame.
  private static func named(_ frame: ThreadStack.Frame, _ names: inout StackNames) -> [NamedFrame] {
    let found = names.names(of: frame)
    return found.isEmpty ? [(frame, nil)] : found.map { (frame, $0) }
  }

  /// Where a frame is in the source code, for people: `epoll_wait.c:30`.
  private static func place(_ name: StackNames.Name?) -> String {
    guard let name else { return "" }
    let line = name.line.map { ":\($0)" } ?? ""
    let file = name.file.map { path in
      "  \(EscapedText(Array(path.split(separator: UInt8(ascii: "/")).last ?? [])))\(line)"
    }
    return (file ?? "") + (name.isInlined ? " (inlined)" : "")
  }

  /// The name of a frame: `libc.so.6:epoll_wait+0x16`, `nginx+0x277b1`, `0x7f00`.
  private static func text(_ frame: NamedFrame, readable: Bool) -> String {
    frame.name.map { text($0, readable: readable) } ?? frame.frame.address.description
  }

  private static func text(_ name: StackNames.Name, readable: Bool) -> String {
    let function = name.symbol ?? (name.isInlined ? Array("?".utf8) : nil)
    let symbol = function.map { ":" + (readable ? SymbolName($0).description : EscapedText($0).description) } ?? ""
    let offset = name.offset.map { "+\(Address($0))" } ?? ""
    return "\(EscapedText(name.module))\(symbol)\(offset)"
  }

  private static func sentence(_ end: ThreadStack.End) -> String? {
    switch end {
    case .root: nil
    case .noInformation(let address):
      "not known further: there is no call frame information for \(address), and no chain of frame pointers"
    case .unread(let address): "not known further: the stack at \(address) was not copied, or cannot be read"
    case .broken(let address): "not known further: what calls \(address) is not where it should be"
    case .tooDeep: "there are more frames than are looked at"
    case .noRegisters: "the registers are not known, or those of a processor for which this is not written"
    }
  }

  private func members(_ stack: ThreadStack, _ threads: [ThreadID], _ frames: [NamedFrame]) -> [Member] {
    [
      Member(.count, threads.count),
      Member(.threads, threads.map(\.rawValue)),
      Member("names", threads.map { threadNames?($0) }),
      Member(.frames, frames.map { FieldValue.object((Self.fields + [Self.interpreted]).members(of: $0)) }),
      Member("unplaced_calls", stack.unplacedCalls.map { FieldValue.object(Self.callFields.members(of: $0)) }),
      Member(.whole, stack.end == .root),
      Member(.note, Self.sentence(stack.end)),
    ]
  }

  /// What programs get of a frame.
  static let fields: [Field<NamedFrame>] = [
    Field(.address, \.frame.address),
    Field(.function) { text($0, readable: false) },
    Field("function_readable") { frame in
      let readable = text(frame, readable: true)
      return readable == text(frame, readable: false) ? nil : readable
    },
    Field(.module) { $0.name.map { EscapedText($0.module).description } },
    Field(.symbol) { $0.name?.symbol.map { EscapedText($0).description } },
    Field(.offset) { $0.name?.offset },
    Field(.file) { $0.name?.file.map { EscapedText($0).description } },
    Field(.line) { $0.name?.line },
    Field(.inlined) { $0.name?.isInlined ?? false },
    Field("by", \.frame.evidence.rawValue),
  ]

  private static let interpreted = Field<NamedFrame>("interpreted") { $0.name?.isInterpreted ?? false }

  /// What programs get of a call that is in no frame.
  private static let callFields: [Field<InterpretedCall>] = [
    Field(.function) { EscapedText($0.function).description },
    Field(.file) { $0.file.isEmpty ? nil : EscapedText($0.file).description },
    Field(.line, \.line),
  ]
}
