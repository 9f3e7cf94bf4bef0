import FuzzSupport
import MemDump
import ScanReferences

/// A program: what is in use is no more than was walked, what is named is no more than is in use, and everything ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let memory = InputMemory(PythonInput(bytes).pieces)
  do throws(MemDumpError) {
    let program = InputMemory(PythonInput(bytes, program: "/usr/bin/python3").pieces)
    if let calls = try PythonCalls(program, constants: program), let thread = ThreadID(rawValue: 1) {
      let registers = ThreadRegisters(thread: thread, notes: [.init(type: 1, bytes: PythonInput.registers)])
      var unwinder = try StackUnwinder(program)
      var stacks = [try unwinder.stack(of: registers)]
      var names = StackNames(program, process: nil)
      try calls.add(to: &stacks, [registers], at: program, &names)
      for call in stacks[0].unplacedCalls { precondition(call.line.map { $0 > 0 } ?? true) }
    }
    let heaps = try HeapWalk(memory).run()
    for heap in heaps.all { precondition(heap.used.byteCount &+ heap.free.byteCount <= heap.walkedByteCount) }
    guard case .ready(var search) = try PythonHolderSearch.prepare(memory, heaps: heaps) else { return 0 }
    precondition(search.objects.namedByteCount <= search.objects.total.byteCount)
    for row in search.objects.rows.prefix(4) {
      guard let holders = try search.holders(ofType: row.name) else { preconditionFailure("a type without objects") }
      precondition(holders.traced <= holders.sampled)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
