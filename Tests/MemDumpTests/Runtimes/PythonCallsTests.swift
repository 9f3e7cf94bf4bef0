import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// The calls of Python programs that were made up, and the tables of lines, byte by byte.
@Suite struct PythonCallsTests {
  @Test(arguments: PythonImage.Form.allCases) func eachVersionIsRead(form: PythonImage.Form) throws {
    let memory = try PythonImage.atWork(form).memory(program: "/usr/bin/python3.99")
    let calls = try PythonImage.calls(in: memory)
    let told = calls.map { "\(String(decoding: $0.function, as: UTF8.self)):\($0.line ?? 0)" }
    #expect(told == ["Service.serve:12", "run:42", "<module>:3"], "\(form)")
    #expect(calls.allSatisfy { $0.file == Array("/srv/app.py".utf8) && $0.language == Array("Python".utf8) })
    // What is asked to be kept of an instant has the frames.
    let kept = try #require(try PythonCalls(memory, constants: memory)).ranges()
    #expect(kept.allSatisfy { $0.lowerBound >= Address(PythonInput.heapStart) || form == .pieces313 })
    #expect(!kept.isEmpty)
  }

  @Test func aProgramOfAnotherNameIsNotLookedInto() throws {
    #expect(try PythonImage.calls(in: PythonImage.atWork(.pieces311).memory()) == [])
  }

  /// Of a frame that leads to no code, and all behind it, nothing is told.
  @Test func whatIsNoFrameEndsTheCalls() throws {
    var image = PythonImage.atWork(.objects38)
    let memory = try image.memory(program: "/usr/bin/python3")
    let frames = try #require(try PythonCalls(memory, constants: memory))
    #expect(frames.problem == nil)
    let code = try #require(try PythonImage.calls(in: memory).first)
    #expect(code.function == Array("Service.serve".utf8))
    // The names of all code, gone: nothing is told, and why is.
    for address in stride(from: PythonInput.heapStart, to: PythonInput.heapStart + UInt64(image.heap.count), by: 8)
    where image.word(at: address) == image.text { image.put(0, at: address) }
    let damaged = try image.memory(program: "/usr/bin/python3")
    #expect(try PythonImage.calls(in: damaged) == [])
    #expect(
      try PythonCalls(damaged, constants: damaged)?.problem
        == "the calls of Python are not told: its code is not as CPython 3.6 to 3.13 has it")
    let empty = try PythonImage().memory(program: "/usr/bin/python3")
    #expect(
      try PythonCalls(empty, constants: empty)?.problem
        == "the calls of Python are not told: no thread has frames as CPython 3.6 to 3.13 has them")
  }

  /// What was not copied is said to be missing, and not taken for a thread that calls nothing.
  @Test(arguments: PythonImage.Form.allCases) func whatWasNotReachedIsSaid(form: PythonImage.Form) throws {
    let image = PythonImage.atWork(form)
    let calls = try #require(
      try {
        let memory = try image.memory(program: "/usr/bin/python3")
        return try PythonCalls(memory, constants: memory)
      }())
    let copied = try NamedMemory(PythonInput(image.variables, program: "/usr/bin/python3").pieces)
    let thread = try #require(ThreadID(rawValue: 1))
    var stacks = [ThreadStack(thread: thread, end: .root)]
    var names = StackNames(copied, process: nil)
    let registers = ThreadRegisters(thread: thread, notes: [.init(type: 1, bytes: PythonInput.registers)])
    #expect(calls.problem == nil)
    try calls.add(to: &stacks, [registers], at: copied, &names)
    #expect(stacks[0].unplacedCalls == [])
    #expect(
      calls.problem
        == "of \(count: 1, "thread") not all calls of Python were reached while the process stood still")
  }

  /// Whatever is damaged: it ends, nothing traps, and a function has a name of the program.
  @Test(arguments: PythonImage.Form.allCases) func damagedProgramsEnd(form: PythonImage.Form) throws {
    var generator = SeededGenerator(seed: 11)
    let bytes = PythonImage.atWork(form).bytes
    var told = 0
    for _ in 0..<(isFullRun ? 2500 : 60) {
      let damaged = Damage.some(bytes, using: &generator)
      let memory = try NamedMemory(PythonInput(damaged, program: "/usr/bin/python3").pieces)
      let calls = try PythonImage.calls(in: memory)
      #expect(calls.count <= 1 << 14)
      told += calls.isEmpty ? 0 : 1
    }
    #expect(told > (isFullRun ? 1000 : 20))
  }

  @Test func callsArePutInTheFramesOfTheInterpreter() throws {
    func call(_ name: String) -> InterpretedCall {
      InterpretedCall(language: PythonCalls.language, function: Array(name.utf8), file: [])
    }
    let frames = (0..<5).map { number in
      let address = Address(UInt64(number) * 16)
      return ThreadStack.Frame(address: address, instruction: address, evidence: .callFrameInformation)
    }
    let stretches = [[call("a"), call("b")], [call("c")]]
    func placed(end: ThreadStack.End, isWhole: Bool, in places: [Int]) throws -> (frames: [Int: Int], others: Int) {
      var stack = ThreadStack(thread: try #require(ThreadID(rawValue: 1)), frames: frames, end: end)
      stack.place(stretches, isWhole: isWhole, in: places)
      let counts = stack.frames.enumerated().map { ($0.offset, $0.element.calls.count) }.filter { $0.1 > 0 }
      return (Dictionary(uniqueKeysWithValues: counts), stack.unplacedCalls.count)
    }
    func check(_ found: (frames: [Int: Int], others: Int), _ frames: [Int: Int], _ others: Int) {
      #expect(found.frames == frames && found.others == others)
    }
    check(try placed(end: .root, isWhole: true, in: [1, 4]), [1: 2, 4: 1], 0)
    // One too many, one too few: whose is whose is not known, unless what is missing are the outer ones.
    check(try placed(end: .root, isWhole: true, in: [0, 1, 4]), [:], 3)
    check(try placed(end: .root, isWhole: false, in: [0, 1, 4]), [0: 2, 1: 1], 0)
    check(try placed(end: .root, isWhole: true, in: [1]), [:], 3)
    check(try placed(end: .tooDeep, isWhole: true, in: [1]), [1: 2], 0)
    check(try placed(end: .tooDeep, isWhole: true, in: []), [:], 3)
  }

  @Test func linesStandInTables() {
    func lines(_ table: [UInt8], _ form: PythonLines.Form, _ offsets: [UInt64]) -> [UInt64?] {
      offsets.map { PythonLines.line(at: $0, in: table, form, first: 10) }
    }
    #expect(lines([2, 1, 4, 0xff, 255, 0, 3, 2], .steps, [0, 1, 2, 5, 6, 260, 264]) == [10, 10, 11, 11, 10, 10, 12])
    #expect(lines([2, 0, 2, 0x80, 4, 3, 0, 5, 2, 0xfe], .ranges, [0, 2, 4, 7, 8, 10]) == [10, nil, 13, 13, 16, nil])
    // Forty lines on, without columns; no place; short; one line on; two lines back, long; short.
    let locations: [UInt8] = [
      0xe9, 0x50, 0x01, 0xf8, 0x80, 0x11, 0xd9, 0x01, 0x02, 0xf0, 0x05, 0x01, 0x45, 0x01, 0x06, 0x82, 0x22,
    ]
    let expected: [UInt64?] = [50, 50, nil, 50, 51, 51, 49, 49, 49, 49, nil]
    #expect(lines(locations, .locations, expected.indices.map { UInt64($0) * 2 }) == expected)
    #expect(PythonLines.form(of: [2, 0, 6, 1], byteCount: 8) == .ranges)
    #expect(PythonLines.form(of: [2, 1, 2, 1], byteCount: 8) == .steps)
  }
}
