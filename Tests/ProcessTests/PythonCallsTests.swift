import MemDumpTestSupport
import Testing

@testable import MemDump

/// The calls of a running Python beside what it says of them itself.
@Suite(
  .serialized, .enabled(if: canTrace, "ptrace is not permitted here"),
  .enabled(if: has("python3"), "python3 is not installed"))
struct PythonCallsTests {
  /// Threads that stand still in calls of many kinds; prints of each `stack THREAD`, then a line for each call, the innermost
  /// first: its name, its line and its file.
  private static let atRest = #"""
    # -*- coding: utf-8 -*-
    import asyncio, ctypes, functools, os, sys, threading, time
    gate, threads = threading.Lock(), {}
    gate.acquire()
    def rest():
        threads[threading.current_thread().ident] = ctypes.CDLL(None).syscall(186)
        gate.acquire()
    def deep(n):
        if n: return deep(
            n - 1
        )
        rest()
    def generate():
        for i in range(3):
            yield i
            sorted([1], key=lambda x: rest())
    class Service(object):
        @property
        def state(self): return [rest() for _ in range(1)]
        @classmethod
        def run(cls):
            try:
                return cls().state
            finally:
                pass
        def __call__(self, *arguments): return functools.reduce(lambda a, b: rest(), [1, 2])
    async def inner(): rest()
    async def outer(): await inner()
    exec(compile(u'def na\xefve(): rest()\n\n\ndef \u4e2d\u6587():\n  na\xefve()\n', u'/srv/\u670d\u52a1/caf\xe9.py', 'exec'))
    def each(): return list(map(Service(), [1]))
    works = [lambda: deep(200), lambda: [x for x in generate()], Service.run, each, globals()[u'\u4e2d\u6587'],
        lambda: asyncio.new_event_loop().run_until_complete(outer()), lambda: eval('rest()'), lambda: {1: rest()}]
    for work in works: threading.Thread(target=work, daemon=True).start()
    def calls(frame):
        found = []
        while frame:
            code = frame.f_code
            found.append((getattr(code, 'co_qualname', code.co_name), frame.f_lineno, code.co_filename))
            frame = frame.f_back
        return found
    resting = rest.__code__.co_firstlineno + 2
    while True:
        stacks = {threads[k]: calls(v) for k, v in sys._current_frames().items() if k in threads}
        if len(stacks) == len(works) and all(s[0][1] == resting for s in stacks.values()): break
    out = os.fdopen(1, 'wb')
    for thread, stack in stacks.items():
        out.write(('stack %d\n' % thread).encode())
        for call in stack: out.write((u'%s %d %s\n' % call).encode('utf8'))
    out.write(b'ready\n'); out.flush()
    os.read(0, 1)
    """#

  private static func look(_ child: Child) throws -> (stacks: [ThreadStack], names: StackNames, calls: PythonCalls) {
    let target = try TargetProcess(#require(ProcessID(rawValue: child.id)))
    let map = try target.regions(usage: false)
    let live = try LiveMemory(target, regions: map)
    let calls = try #require(try PythonCalls(live, constants: live))
    let look = try Stopping.patiently {
      try ProcessLook(target, mode: .stop, budget: Stopping.budget, stacks: StackSelection(), map: map) {
        (_) throws(MemDumpError) in
        try calls.ranges()
      }
    }
    let registers = try #require(look.source.registers)
    var unwinder = try StackUnwinder(look.source, process: target)
    var stacks = try registers.map { try unwinder.stack(of: $0) }
    var names = StackNames(look.source, process: target)
    try calls.add(to: &stacks, registers, at: look.source, &names)
    _ = try look.end()
    return (stacks, names, calls)
  }

  @Test(arguments: PythonProgram.installed.filter { $0 != "python2.7" })
  func everyCallIsTheOneThatPythonTells(name: String) throws {
    let (child, lines) = try PythonProgram.start(Self.atRest, name)
    var truth: [Int: [String]] = [:]
    var thread = 0
    for line in lines {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "stack", let number = Int(words[1]) {
        thread = number
      } else {
        truth[thread, default: []].append(line)
      }
    }
    #expect(truth.count == 8)
    let found = try Self.look(child)
    #expect(found.calls.problem == nil)
    for stack in found.stacks {
      guard let expected = truth[Int(stack.thread.rawValue)] else { continue }
      truth[Int(stack.thread.rawValue)] = nil
      let calls = stack.frames.flatMap(\.calls) + stack.unplacedCalls
      let told = calls.map {
        "\(String(decoding: $0.function, as: UTF8.self)) \($0.line ?? 0) \(String(decoding: $0.file, as: UTF8.self))"
      }
      #expect(told == expected, "\(name)")
      // Python's program has the names of its own functions, so each call has its frame.
      #expect(stack.unplacedCalls.isEmpty && stack.end == .root, "\(name)")
    }
    #expect(truth.isEmpty)
  }

  /// Many threads, whose stacks are most of the address space: each has its calls, with lines.
  @Test(arguments: PythonProgram.installed.filter { $0 != "python2.7" })
  func everyOneOfManyThreadsHasItsCalls(name: String) throws {
    let script = #"""
      import os, threading
      gate, count = threading.Lock(), threading.Semaphore(0)
      gate.acquire()
      def leaf(): count.release(); gate.acquire()
      def deep(n): return deep(n - 1) if n else leaf()
      for i in range(200): threading.Thread(target=deep, args=(i % 4,), daemon=True).start()
      for i in range(200): count.acquire()
      print('ready')
      os.read(0, 1)
      """#
    let (child, _) = try PythonProgram.start(script, name)
    let (stacks, _, _) = try Self.look(child)
    let told = stacks.filter { Int32($0.thread.rawValue) != child.id }.map { stack in
      (stack.frames.flatMap(\.calls) + stack.unplacedCalls).filter { $0.file == Array("<string>".utf8) }
    }
    #expect(told.count == 200)
    for calls in told {
      #expect(calls.first.map { String(decoding: $0.function, as: UTF8.self) } == "leaf" && calls[0].line == 4)
      #expect(calls.dropFirst().allSatisfy { $0.function == Array("deep".utf8) && $0.line == 5 })
    }
    #expect([1, 2, 3, 4].map { depth in told.count { $0.count == depth + 1 } } == [50, 50, 50, 50])
  }

  /// The table of lines of every function of some modules, instruction for instruction.
  @Test(arguments: PythonProgram.installed.filter { $0 != "python2.7" })
  func everyInstructionHasTheLineThatPythonTells(name: String) throws {
    let program = #"""
      import argparse, ast, collections, dis, inspect, os, tokenize, types, typing, asyncio.base_events, binascii
      def codes(code):
          yield code
          for c in code.co_consts:
              if isinstance(c, types.CodeType):
                  for inner in codes(c): yield inner
      def lines(code):
          n = len(code.co_code); found = [0] * n
          if hasattr(code, 'co_lines'):
              for start, end, line in code.co_lines():
                  for i in range(start, min(end, n)): found[i] = line or 0
          else:
              starts = list(dis.findlinestarts(code))
              for (start, line), (end, _) in zip(starts, starts[1:] + [(n, 0)]):
                  for i in range(start, end): found[i] = line
          return found[::2]
      for module in (argparse, ast, collections, inspect, tokenize, typing, asyncio.base_events):
          source = open(module.__file__.replace('.pyc', '.py')).read()
          for code in codes(compile(source, module.__file__, 'exec')):
              table = getattr(code, 'co_linetable', None) or code.co_lnotab
              form = 'locations' if hasattr(code, 'co_qualname') else 'ranges' if hasattr(code, 'co_linetable') else 'steps'
              print(form, code.co_firstlineno, len(code.co_code), binascii.hexlify(table).decode() or '-', *lines(code))
      print('ready')
      os.read(0, 1)
      """#
    let (_, lines) = try PythonProgram.start(program, name)
    #expect(lines.count > 500)
    var wrong = 0
    for line in lines {
      let words = line.split(separator: " ")
      let digits = words[3] == "-" ? [] : Array(words[3].utf8)
      let table = stride(from: 0, to: digits.count, by: 2).compactMap { place in
        UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
      }
      let first = try #require(Int(words[1]))
      let form: PythonLines.Form = words[0] == "locations" ? .locations : words[0] == "ranges" ? .ranges : .steps
      if form != .locations { #expect(try PythonLines.form(of: table, byteCount: #require(UInt64(words[2]))) == form) }
      for (number, word) in words[4...].enumerated() {
        let told = PythonLines.line(at: UInt64(number) * 2, in: table, form, first: first) ?? 0
        if told != UInt64(word) { wrong += 1 }
      }
    }
    #expect(wrong == 0, "\(name)")
  }

  /// Threads that never stand still: every chain of calls is one that the program can be in.
  @Test(arguments: PythonProgram.installed.filter { $0 != "python2.7" })
  func aProgramInMotionIsNeverInACallThatCannotBe(name: String) throws {
    let script = #"""
      import os, threading
      def leaf(n): return sum(range(n))
      def twig(n): return leaf(n) + leaf(n + 1)
      def grow(n): return twig(n) if n < 5 else grow(n - 1) + twig(n)
      def stream(n):
          for i in range(n): yield grow(i)
      def total(n): return sum(stream(n))
      def by_key(n): return sorted(range(n), key=total)
      def work():
          while True: by_key(7); total(9)
      for _ in range(3): threading.Thread(target=work, daemon=True).start()
      print('ready')
      os.read(0, 1)
      """#
    let callers: [String: Set<String>] = [
      "leaf": ["twig"], "twig": ["grow"], "grow": ["grow", "stream"], "stream": ["total"], "total": ["work", "by_key"],
      "by_key": ["work"], "work": ["run"], "run": ["_bootstrap_inner"], "_bootstrap_inner": ["_bootstrap"],
    ]
    let (child, _) = try PythonProgram.start(script, name)
    var (whole, all, deepest) = (0, 0, 0)
    for _ in 0..<(isFullRun ? 100 : 12) {
      let (stacks, _, _) = try Self.look(child)
      for stack in stacks where Int32(stack.thread.rawValue) != child.id {
        let calls = stack.frames.flatMap(\.calls) + stack.unplacedCalls
        let names = calls.map { call in
          String(decoding: call.function, as: UTF8.self).split(separator: ".").last.map(String.init) ?? ""
        }
        for (inner, outer) in zip(names, names.dropFirst()) {
          #expect(callers[inner]?.contains(outer) == true, "\(name): \(inner) called by \(outer)")
        }
        all += 1
        whole += names.last == "_bootstrap" ? 1 : 0
        deepest = max(deepest, names.count)
      }
    }
    #expect(all >= 36 && deepest > 6)
    #expect(whole * 10 >= all * 9, "\(name): \(whole) of \(all)")
  }
}
