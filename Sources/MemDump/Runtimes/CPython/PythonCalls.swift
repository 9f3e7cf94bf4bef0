/// The calls of a Python program that its threads are in, by the frames of Python itself.
///
/// Frames come and go, so they are read as they were at an instant; what they lead to stays: code, names, types.
public final class PythonCalls {
  /// Why not all calls are told of a program that is Python, a sentence; nil where they are.
  public private(set) var problem: Phrase?

  private let threads: [Address]
  private let frames: PythonFrames?
  private let code: PythonCode?
  private var reader: PythonReader
  private var stable: WordCache
  private var words: WordCache
  private var known: [PythonFrames.Position: InterpretedCall] = [:]
  private var left = mostFrames

  /// The name of the language.
  static let language = Array("Python".utf8)
  /// The file names of programs and libraries that are Python.
  static let libraries = ["python", "libpython"]
  /// The most frames of all threads, and the bytes of one that are read.
  private static let (mostFrames, frameByteCount): (Int, UInt64) = (1 << 18, 128)
  /// How long frames are looked for while the process stands still, in nanoseconds.
  private static let longestLook: UInt64 = 20_000_000
  /// The words of present memory that are searched for code objects, and the most of these.
  private static let (mostWords, mostCodes) = (32 << 20, 1024)
  /// The bytes of the structure of a thread in which its number is.
  private static let threadByteCount: UInt64 = 1024

  /// Prepares to tell calls; nil where the program is no Python.
  ///
  /// - Parameters:
  ///   - source: the memory of the process, or of a core.
  ///   - constants: the memory with the constants of programs; the source, where it has them.
  public init?(_ source: any MemorySource, constants: any MemorySource) throws(MemDumpError) {
    let isPython = source.regions.contains { region in
      region.kind == .file && Self.libraries.contains { region.fileName.starts(with: $0.utf8) }
    }
    guard isPython else { return nil }
    let found = try PythonThreads.find(in: source, libraries: Self.libraries)
    let written = OwnWriting.privateMemory.ranges(in: source.regions).union()
    var reader = try PythonReader(source, constants: constants, in: written)
    var stable = try WordCache(source, .jumps)
    var words = try WordCache(source, .jumps)
    var (frames, code): (PythonFrames?, PythonCode?) = (try .vote(found, &reader, &stable, &words), nil)
    var threads: [Address] = []
    for thread in found where try frames?.fits(thread, &reader, &stable, &words) == true { threads.append(thread) }
    if let layout = frames {
      var (addresses, codes): ([Address], Set<Address>) = ([], [])
      for thread in threads where codes.count < Self.mostCodes && addresses.count < Self.mostFrames {
        let calls = try layout.calls(of: thread, stack: nil, &reader, &stable, &words)
        addresses += calls.frames
        codes.formUnion(calls.stretches.joined().map(\.code))
      }
      codes.formUnion(try Self.codes(like: codes.first, in: source, written, &reader))
      code = try PythonCode.vote(codes.sorted(), &reader, &stable)
      if let code { try frames?.learn(addresses, code, &words) }
    }
    (self.threads, self.frames, self.code) = (threads, frames, code)
    self.reader = reader
    self.stable = stable
    self.words = words
    if frames == nil {
      problem = "the calls of Python are not told: no thread has frames as CPython 3.6 to 3.13 has them"
    } else if code == nil {
      problem = "the calls of Python are not told: its code is not as CPython 3.6 to 3.13 has it"
    }
  }

  /// The memory in which the frames are now, to be copied while the process stands still: what is read for that is little, and time
  /// is bounded. Frames that were not reached are not told.
  public func ranges() throws(MemDumpError) -> [Range<Address>] {
    guard let frames, code != nil else { return [] }
    let end = Syscall.monotonicTime &+ Self.longestLook
    var places = Set<UInt64>()
    var left = Self.mostFrames
    words.forget()
    for thread in threads where left > 0 && Syscall.monotonicTime < end {
      places.insert(thread.rawValue / pageSize)
      places.insert((thread + Self.threadByteCount).rawValue / pageSize)
      let calls = try frames.calls(of: thread, stack: nil, &reader, &stable, &words)
      for frame in calls.frames {
        places.insert(frame.rawValue / pageSize)
        places.insert((frame + Self.frameByteCount).rawValue / pageSize)
      }
      left -= calls.frames.count
    }
    return places.sorted().map { Range(start: Address($0 * pageSize), byteCount: pageSize) }.union()
  }

  /// Other code objects, by the word that leads to their type: many are needed to tell what their words are.
  private static func codes(
    like code: Address?, in source: any MemorySource, _ written: [Range<Address>], _ reader: inout PythonReader
  ) throws(MemDumpError) -> [Address] {
    var codes: [Address] = []
    var words = try WordCache(source, .walk)
    guard let code, let type = try words.word(at: code + 8) else { return [] }
    var left = mostWords
    for range in written where codes.count < mostCodes && left > 0 {
      var place = range.lowerBound.alignedUp(to: 8)
      while place < range.upperBound, codes.count < mostCodes, left > 0 {
        if let end = try words.emptyEnd(at: place) {
          place = end.alignedUp(to: 8)
          continue
        }
        left -= 1
        let object = place - 8
        if try words.word(at: place) == type, try reader.object(at: object, &words) != nil { codes.append(object) }
        place = place + 8
      }
    }
    return codes
  }

  /// Adds the calls of Python to the stacks of threads.
  ///
  /// - Parameters:
  ///   - stacks: the stacks.
  ///   - registers: the registers of the threads.
  ///   - source: the memory at the instant.
  ///   - names: tells which frames are those of the interpreter.
  public func add(
    to stacks: inout [ThreadStack], _ registers: [ThreadRegisters], at source: any MemorySource,
    _ names: inout StackNames
  ) throws(MemDumpError) {
    guard let frames, code != nil else { return }
    var words = try WordCache(source, .jumps)
    let owners = try self.owners(registers, &words)
    let known = Dictionary(registers.map { ($0.thread, $0) }) { first, _ in first }
    var cutCount: UInt64 = 0
    // Of a thread that was not reached in time, not even the structure is there.
    for thread in threads where try words.word(at: thread + frames.root) == nil { cutCount += 1 }
    for index in stacks.indices {
      guard let own = known[stacks[index].thread], let thread = owners[own.thread] else { continue }
      let stack = Self.stack(own, source.regions)
      let calls = try frames.calls(of: thread, stack: stack, &reader, &stable, &words)
      if !calls.isWhole { cutCount += 1 }
      left -= calls.frames.count
      guard left > 0 else { return problem = "there are more frames of Python than are looked at" }
      var stretches: [[InterpretedCall]] = []
      for stretch in calls.stretches {
        var made: [InterpretedCall] = []
        for position in stretch { made.append(try call(at: position)) }
        stretches.append(made)
      }
      stacks[index].place(stretches, isWhole: calls.isWhole, in: stacks[index].interpreterFrames(&names))
    }
    if cutCount > 0 {
      problem = "of \(count: cutCount, "thread") not all calls of Python were reached while the process stood still"
    }
  }

  /// The structure of each thread that runs Python: it has the thread's number in the C library (pthread_self(3)), which is the
  /// register by which a thread reaches what is its own.
  private func owners(
    _ registers: [ThreadRegisters], _ words: inout WordCache
  ) throws(MemDumpError) -> [ThreadID: Address] {
    var numbers: [UInt64: ThreadID] = [:]
    for thread in registers { if let base = thread.threadPointer { numbers[base.rawValue] = thread.thread } }
    var found: [UInt64: [ThreadID: Address]] = [:]
    for thread in threads {
      for offset in stride(from: UInt64(24), to: Self.threadByteCount, by: 8) {
        if let word = try words.word(at: thread + offset), let number = numbers[word] {
          found[offset, default: [:]][number] = thread
        }
      }
    }
    return found.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.value ?? [:]
  }

  /// The part of its stack that a thread uses: up to what is its own, where that lies behind.
  private static func stack(_ registers: ThreadRegisters, _ regions: [MemoryRegion]) -> Range<Address>? {
    guard let top = registers.stackPointer, let index = regions.index(holding: top) else { return nil }
    let end = registers.threadPointer.flatMap { regions[index].range.contains($0) && $0 > top ? $0 : nil }
    return top..<(end ?? regions[index].range.upperBound)
  }

  private func call(at position: PythonFrames.Position) throws(MemDumpError) -> InterpretedCall {
    if let call = known[position] { return call }
    let call =
      try code?.call(at: position, &reader, &stable)
      ?? InterpretedCall(language: Self.language, function: Array("?".utf8), file: [])
    if known.count < 1 << 16 { known[position] = call }
    return call
  }
}
