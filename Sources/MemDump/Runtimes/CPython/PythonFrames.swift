/// The frames of a Python program: what its threads are doing, as its interpreter keeps it. How they lie in memory is voted by the
/// threads themselves.
struct PythonFrames: Hashable, Sendable {
  /// What frames are.
  enum Kind: Hashable, Sendable {
    /// Objects of their own, up to 3.10 (`PyFrameObject`).
    case objects
    /// Pieces of a stack of Python's own, from 3.11 on (`_PyInterpreterFrame`), by the places of the words that lead to the code
    /// and to the caller.
    case pieces(code: UInt64, previous: UInt64)
  }

  /// Where a call is in its function.
  struct Position: Hashable, Sendable {
    /// The code object.
    var code: Address
    /// The instruction that is under way, in bytes from the first; nil where that is not known.
    var offset: UInt64?
  }

  /// The calls of a thread.
  struct Calls: Sendable {
    /// The calls, the innermost first, in stretches that have one call of the interpreter (`_PyEval_EvalFrameDefault`) each.
    var stretches: [[Position]] = []
    /// Whether they were followed to the first.
    var isWhole = false
    /// The frames, for who wants to copy them.
    var frames: [Address] = []
  }

  let kind: Kind
  /// The word of a thread that leads to its innermost frame, and that of what lies in between, in 3.11 and 3.12.
  let root: UInt64
  let step: UInt64?
  /// Where a frame that is an object has its instruction.
  private(set) var instruction: UInt64 = 104

  private static let pieces: [Kind] = [.pieces(code: 32, previous: 48), .pieces(code: 0, previous: 8)]
  private static let (code, frame) = (Array("code".utf8), Array("frame".utf8))
  /// The words of a thread that may lead to frames.
  private static let roots: ClosedRange<UInt64> = 3...48
  /// The fields of a frame that is an object: the caller, the code, and where the instruction can be, from 3.10, 3.7 and 3.6 on.
  private static let (objectPrevious, objectCode): (UInt64, UInt64) = (24, 32)
  private static let instructions: [UInt64] = [104, 120]
  private static let instructionOf310: UInt64 = 96
  /// The fields of a frame that is a piece: the instruction, and whether C has called it (3.11).
  private static let (pieceInstruction, pieceEntry): (UInt64, UInt64) = (56, 68)
  /// How often threads are asked how frames lie, and the most threads.
  private static let (rounds, mostVoters) = (8, 256)
  /// The most frames of a thread.
  private static let most = 1 << 14

  /// Asks the threads; nil where none of them shows a frame.
  static func vote(
    _ threads: [Address], _ reader: inout PythonReader, _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) -> PythonFrames? {
    var votes: [PythonFrames: Int] = [:]
    for _ in 0..<rounds {
      words.forget()
      for thread in threads.prefix(mostVoters) { try vote(of: thread, &votes, &reader, &stable, &words) }
    }
    // Threads run meanwhile. Behind the true word, others lead to frames that have ended, such as the end of the stack.
    let most = votes.values.max() ?? 0
    return votes.filter { $0.value * 2 >= most }.min {
      ($0.key.root, $0.key.step ?? 0) < ($1.key.root, $1.key.step ?? 0)
    }?.key
  }

  private static func vote(
    of thread: Address, _ votes: inout [PythonFrames: Int], _ reader: inout PythonReader,
    _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) {
    for number in roots {
      guard let word = try pointer(at: thread + number * 8, &words) else { continue }
      if try isObject(word, &reader, &stable, &words) {
        votes[PythonFrames(kind: .objects, root: number * 8, step: nil), default: 0] += 1
      }
      for kind in pieces {
        if try position(of: Address(word), kind, &reader, &stable, &words) != nil {
          votes[PythonFrames(kind: kind, root: number * 8, step: nil), default: 0] += 1
        }
        for step in [UInt64(0), 8] {
          guard let inner = try pointer(at: Address(word) + step, &words),
            try position(of: Address(inner), kind, &reader, &stable, &words) != nil
          else { continue }
          votes[PythonFrames(kind: kind, root: number * 8, step: step), default: 0] += 1
        }
      }
    }
  }

  /// Takes where frames that are objects have their instruction: before the number of a line that is that of the function.
  mutating func learn(
    _ frames: [Address], _ layout: PythonCode, _ words: inout WordCache
  ) throws(MemDumpError) {
    guard kind == .objects else { return }
    if layout.form == .ranges {
      instruction = Self.instructionOf310
      return
    }
    var votes: [UInt64: Int] = [:]
    for frame in frames {
      guard let code = try words.word(at: frame + Self.objectCode) else { continue }
      let line = try layout.firstLine(of: Address(code), &words)
      for place in Self.instructions {
        if let line, try words.number(at: frame + place + 4) == line { votes[place, default: 0] += 1 }
      }
    }
    instruction = Self.instructions.max { votes[$0, default: 0] < votes[$1, default: 0] } ?? instruction
  }

  /// The calls of a thread.
  ///
  /// - Parameters:
  ///   - thread: its structure.
  ///   - stack: its stack; nil where that is not known, and only the frames are asked for. A frame there is none of a function: by
  ///     it C has entered the interpreter, from 3.12 on.
  ///   - most: the most frames.
  ///   - reader: reads objects.
  ///   - stable: the memory, for what does not change: types and code.
  ///   - words: the memory at the instant.
  func calls(
    of thread: Address, stack: Range<Address>?, most: Int = most, _ reader: inout PythonReader,
    _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) -> Calls {
    var calls = Calls()
    guard var next = try words.word(at: thread + root) else { return calls }
    if let step, next != 0 {
      guard let inner = try words.word(at: Address(next) + step) else { return calls }
      next = inner
    }
    var isOpen = false
    while calls.frames.count < most {
      guard next != 0 else {
        calls.isWhole = true
        break
      }
      let frame = Address(next)
      guard next & 7 == 0, next >> 47 == 0, let caller = try words.word(at: frame + previous) else { break }
      calls.frames.append(frame)
      next = caller
      if stack?.contains(frame) == true {
        if !isOpen { calls.stretches.append([]) }
        isOpen = false
        continue
      }
      guard let position = try position(of: frame, &reader, &stable, &words) else {
        // Without a stack, one on it is not known by its place.
        if stack == nil { continue }
        break
      }
      if !isOpen { calls.stretches.append([]) }
      calls.stretches[calls.stretches.count - 1].append(position)
      isOpen = try !isEntry(frame, &words)
    }
    return calls
  }

  /// Whether a thread is what it was taken for: it is in no call, or one of the innermost frames is one.
  func fits(
    _ thread: Address, _ reader: inout PythonReader, _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    for _ in 0..<Self.rounds {
      // The thread may run.
      words.forget()
      let calls = try calls(of: thread, stack: nil, most: 3, &reader, &stable, &words)
      if calls.frames.isEmpty ? calls.isWhole : !calls.stretches.isEmpty { return true }
    }
    return false
  }

  /// Where in a frame the word is that leads to the code.
  var codePlace: UInt64 {
    switch kind {
    case .objects: Self.objectCode
    case .pieces(let code, _): code
    }
  }

  private var previous: UInt64 {
    switch kind {
    case .objects: Self.objectPrevious
    case .pieces(_, let previous): previous
    }
  }

  /// Whether C has called the function of a frame, and not Python.
  private func isEntry(_ frame: Address, _ words: inout WordCache) throws(MemDumpError) -> Bool {
    guard case .pieces(let code, _) = kind else { return true }
    // From 3.12 on, a frame of another kind stands where C has called.
    guard code != 0 else { return false }
    return try words.bytes(at: frame + Self.pieceEntry, count: 1) != [0]
  }

  private func position(
    of frame: Address, _ reader: inout PythonReader, _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) -> Position? {
    guard kind == .objects else { return try Self.position(of: frame, kind, &reader, &stable, &words) }
    guard let code = try Self.code(at: frame + Self.objectCode, &reader, &stable, &words) else { return nil }
    let number = try words.number(at: frame + instruction).flatMap { $0 >> 31 == 0 ? UInt64($0) : nil }
    return Position(code: code, offset: number.map { instruction == Self.instructionOf310 ? $0 * 2 : $0 })
  }

  /// Where a frame that is a piece is in its function; nil where its instruction is none of its code.
  private static func position(
    of frame: Address, _ kind: Kind, _ reader: inout PythonReader, _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) -> Position? {
    guard case .pieces(let place, _) = kind, let code = try code(at: frame + place, &reader, &stable, &words),
      let instruction = try words.word(at: frame + pieceInstruction),
      let instructions = try reader.instructions(of: code, &stable), Address(instruction) < instructions.upperBound,
      Address(instruction &+ 2) >= instructions.lowerBound
    else { return nil }
    // One that has not begun stands before its first.
    return Position(code: code, offset: max(Address(instruction), instructions.lowerBound) - instructions.lowerBound)
  }

  /// The code object to which a word leads; from 3.14 on, its lowest bits tell other things.
  private static func code(
    at place: Address, _ reader: inout PythonReader, _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) -> Address? {
    guard let word = try words.word(at: place), word >> 16 != 0, word >> 47 == 0 else { return nil }
    let address = Address(word & ~7)
    return try reader.type(at: address.rawValue, &stable)?.name == code ? address : nil
  }

  private static func isObject(
    _ word: UInt64, _ reader: inout PythonReader, _ stable: inout WordCache, _ words: inout WordCache
  ) throws(MemDumpError) -> Bool {
    guard try reader.type(at: word, &stable)?.name == frame else { return false }
    return try code(at: Address(word) + objectCode, &reader, &stable, &words) != nil
  }

  private static func pointer(at place: Address, _ words: inout WordCache) throws(MemDumpError) -> UInt64? {
    try words.word(at: place).flatMap { $0 & 7 == 0 && $0 >> 16 != 0 && $0 >> 47 == 0 ? $0 : nil }
  }
}
