/// An unwinder of stacks, from the outside: by the call frame information that each module has for exceptions (.eh_frame),
/// and by frame pointers where there is none, as in code made at run time.
///
/// It believes nothing that it reads: a frame has to lie above the one before, and a return address in code.
public struct StackUnwinder: ~Copyable {
  private let regions: [MemoryRegion]
  private var memory: WordCache
  private var modules: ModuleFrames
  /// The only memory of a stack that is known, where somebody else has copied it.
  private var copy: CopiedStack?

  /// The most frames of a stack, and how often it may go on at another place, as a handler of signals on its own stack does.
  private static let (mostFrames, mostMoves) = (4096, 16)

  /// - Parameters:
  ///   - source: the memory at one instant: the stacks from the stack pointers on.
  ///   - process: the process with that memory, where it still runs: its files have the call frame information. nil for
  ///     the files of this machine, as far as their build-ids fit, and the memory itself.
  public init(_ source: any MemorySource, process: TargetProcess? = nil) throws(MemDumpError) {
    try self.init(source, process: process, runtime: nil)
  }

  /// - Parameter runtime: what tells of code without call frame information.
  init(
    _ source: any MemorySource, process: TargetProcess?, runtime: (any RuntimeFrames)?
  ) throws(MemDumpError) {
    regions = source.regions
    memory = try WordCache(source, .jumps)
    modules = ModuleFrames(source, process: process, runtime: runtime)
  }

  /// The stack of a thread.
  public mutating func stack(of thread: ThreadRegisters) throws(MemDumpError) -> ThreadStack {
    guard let registers = ProcessorRegisters(thread) else {
      return ThreadStack(thread: thread.thread, end: .noRegisters)
    }
    return try stack(of: thread.thread, registers)
  }

  /// The stack of a thread that ran on: by its registers at one instant, and what was copied of its stack then. Nothing is read
  /// of the stack as it is now.
  mutating func stack(
    of thread: ThreadID, _ registers: ProcessorRegisters, on copy: CopiedStack
  ) throws(MemDumpError) -> ThreadStack {
    self.copy = copy
    defer { self.copy = nil }
    return try stack(of: thread, registers)
  }

  private mutating func stack(
    of thread: ThreadID, _ registers: ProcessorRegisters
  ) throws(MemDumpError) -> ThreadStack {
    var (stack, registers) = (ThreadStack(thread: thread, end: .noRegisters), registers)
    guard let start = registers[ProcessorRegisters.returnAddress] else { return stack }
    stack.frames.append(.init(address: Address(start), instruction: Address(start), evidence: .register))
    var moves = 0
    while let last = stack.frames.last {
      guard stack.frames.count < Self.mostFrames else {
        stack.end = .tooDeep
        break
      }
      switch try step(from: last, registers) {
      case .end(let end):
        stack.end = end
        return stack
      case .caller(let caller, let frame, let isMoved, let isInterrupted):
        // What returns from a handler was not called: its address is its first instruction.
        if isInterrupted { stack.frames[stack.frames.count - 1].instruction = last.address }
        moves += isMoved ? 1 : 0
        guard moves <= Self.mostMoves else {
          stack.end = .broken(frame.address)
          return stack
        }
        registers = caller
        stack.frames.append(frame)
      }
    }
    return stack
  }

  /// What comes of looking for the caller of a frame.
  private enum Step {
    case end(ThreadStack.End)
    case caller(ProcessorRegisters, ThreadStack.Frame, isMoved: Bool, isInterrupted: Bool)
  }

  private mutating func step(
    from frame: ThreadStack.Frame, _ registers: ProcessorRegisters
  ) throws(MemDumpError) -> Step {
    if let (row, common, bias) = modules.row(at: frame.instruction) {
      return try caller(by: row, common, bias, registers)
    }
    let isInCode = isCode(frame.address)
    if !isInCode, frame.evidence == .register { return try callerOfNothing(registers, frame) }
    return try callerByFramePointer(registers, frame)
  }

  private mutating func caller(
    by row: FrameRow, _ common: CommonFrame, _ bias: UInt64, _ registers: ProcessorRegisters
  ) throws(MemDumpError) -> Step {
    let here = Address(registers[ProcessorRegisters.returnAddress] ?? 0)
    if row.rule(common.returnRegister) == .undefined { return .end(.root) }
    guard let frameAddress = try frameAddress(row, bias, registers) else { return .end(.broken(here)) }
    var caller = registers
    caller[ProcessorRegisters.returnAddress] = nil
    var missing: Address?
    for number in ProcessorRegisters.numbers where number != ProcessorRegisters.stackPointer {
      switch row.rule(number) {
      case .same: break
      case .undefined: caller[number] = nil
      case .offset(let offset):
        let place = Address(frameAddress &+ UInt64(bitPattern: offset))
        caller[number] = try word(at: place)
        // At the end of a function, what it had saved is back in the register already, and was not copied any more, since it
        // lies below the stack pointer; compilers do not take the rule back there.
        if caller[number] == nil, let top = registers[ProcessorRegisters.stackPointer], place.rawValue < top {
          caller[number] = registers[number]
        }
        if caller[number] == nil, number == common.returnRegister { missing = place }
      case .valueOffset(let offset): caller[number] = frameAddress &+ UInt64(bitPattern: offset)
      case .register(let other): caller[number] = registers[other]
      case .expression(let bytes):
        let place = try value(bytes, frameAddress, bias, registers)
        caller[number] = if let place { try word(at: Address(place)) } else { nil }
        if let place, caller[number] == nil, number == common.returnRegister { missing = Address(place) }
      case .valueExpression(let bytes): caller[number] = try value(bytes, frameAddress, bias, registers)
      }
    }
    // A handler's frame tells the stack pointer of what it interrupted; a call's is the frame address.
    switch row.rule(ProcessorRegisters.stackPointer) {
    case .same: caller[ProcessorRegisters.stackPointer] = frameAddress
    case .expression(let bytes):
      let place = try value(bytes, frameAddress, bias, registers)
      caller[ProcessorRegisters.stackPointer] = if let place { try word(at: Address(place)) } else { nil }
    case .valueExpression(let bytes):
      caller[ProcessorRegisters.stackPointer] = try value(bytes, frameAddress, bias, registers)
    default: caller[ProcessorRegisters.stackPointer] = frameAddress
    }
    if common.returnRegister != ProcessorRegisters.returnAddress {
      caller[ProcessorRegisters.returnAddress] = caller[common.returnRegister]
    }
    if let missing { return .end(.unread(missing)) }
    return next(caller, registers, isInterrupted: common.isSignalFrame, by: .callFrameInformation, here)
  }

  private func next(
    _ caller: ProcessorRegisters, _ registers: ProcessorRegisters, isInterrupted: Bool,
    by evidence: ThreadStack.Evidence,
    _ here: Address
  ) -> Step {
    guard let address = caller[ProcessorRegisters.returnAddress], let top = caller[ProcessorRegisters.stackPointer],
      let before = registers[ProcessorRegisters.stackPointer]
    else { return .end(.broken(here)) }
    guard address != 0 else { return .end(.root) }
    // A stack grows downwards, save where a handler of signals has one of its own.
    let isMoved = top <= before
    guard !isMoved || isInterrupted else { return .end(.broken(here)) }
    guard isInterrupted || isCode(Address(address) - 1) else { return .end(.broken(here)) }
    let instruction = isInterrupted ? Address(address) : Address(address) - 1
    return .caller(
      caller, .init(address: Address(address), instruction: instruction, evidence: evidence), isMoved: isMoved,
      isInterrupted: isInterrupted)
  }

  /// The caller of what is no code: a thread that went there by a call has the return address on top of its stack.
  private mutating func callerOfNothing(
    _ registers: ProcessorRegisters, _ frame: ThreadStack.Frame
  ) throws(MemDumpError) -> Step {
    guard let top = registers[ProcessorRegisters.stackPointer] else { return .end(.broken(frame.address)) }
    guard let address = try word(at: Address(top)) else { return .end(.unread(Address(top))) }
    guard isCode(Address(address) - 1) else { return .end(.noInformation(frame.address)) }
    var caller = registers
    caller[ProcessorRegisters.returnAddress] = address
    caller[ProcessorRegisters.stackPointer] = top &+ 8
    return next(caller, registers, isInterrupted: false, by: .stackTop, frame.address)
  }

  private mutating func callerByFramePointer(
    _ registers: ProcessorRegisters, _ frame: ThreadStack.Frame
  ) throws(MemDumpError) -> Step {
    guard let top = registers[ProcessorRegisters.stackPointer], let place = registers[ProcessorRegisters.framePointer],
      place >= top, place & 7 == 0, let index = regions.index(holding: Address(top)),
      regions[index].range.contains(Address(place))
    else { return .end(.noInformation(frame.address)) }
    guard let outer = try word(at: Address(place)), let address = try word(at: Address(place) + 8) else {
      return .end(.unread(Address(place)))
    }
    guard isCode(Address(address) - 1) else { return .end(.noInformation(frame.address)) }
    var caller = ProcessorRegisters()
    caller[ProcessorRegisters.returnAddress] = address
    caller[ProcessorRegisters.framePointer] = outer
    caller[ProcessorRegisters.stackPointer] = place &+ 16
    return next(caller, registers, isInterrupted: false, by: .framePointer, frame.address)
  }

  private mutating func frameAddress(
    _ row: FrameRow, _ bias: UInt64, _ registers: ProcessorRegisters
  ) throws(MemDumpError) -> UInt64? {
    switch row.frameAddress {
    case .register(let number, let offset): registers[number].map { $0 &+ UInt64(bitPattern: offset) }
    case .expression(let bytes): try value(bytes, nil, bias, registers)
    case nil: nil
    }
  }

  private mutating func value(
    _ bytes: [UInt8], _ initial: UInt64?, _ bias: UInt64, _ registers: ProcessorRegisters
  ) throws(MemDumpError) -> UInt64? {
    var failure: MemDumpError?
    var words: [UInt64: UInt64?] = [:]
    // An expression that reads memory is computed once more for each word it asks for: there are one or two.
    while failure == nil {
      var asked: UInt64?
      let value = FrameExpression.value(bytes, initial: initial, bias: bias) {
        registers[$0]
      } memory: { address, count in
        guard let word = words[address] else {
          asked = asked ?? address
          return nil
        }
        return word.map { count < 8 ? $0 & (1 << UInt64(count * 8) - 1) : $0 }
      }
      guard let address = asked, words.count < 16 else { return value }
      do throws(MemDumpError) { words[address] = .some(try word(at: Address(address))) } catch { failure = error }
    }
    if let failure { throw failure }
    return nil
  }

  private mutating func word(at address: Address) throws(MemDumpError) -> UInt64? {
    if let copy { return copy.word(at: address) }
    if address.rawValue & 7 == 0 { return try memory.word(at: address) }
    return try memory.bytes(at: address, count: 8).load(UInt64.self, at: 0)
  }

  private func isCode(_ address: Address) -> Bool {
    regions.index(holding: address).map { regions[$0].permissions.contains(.execute) } ?? false
  }
}
