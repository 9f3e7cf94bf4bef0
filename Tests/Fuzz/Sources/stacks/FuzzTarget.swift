import Glibc
import MemDump
import ScanReferences

/// The stack and the module of an input as memory: the module is the kernel's own, whose headers are read from memory.
private final class InputStack: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8])]

  init(_ input: StackInput) {
    pieces = [(StackInput.stackStart, input.stack), (StackInput.moduleStart, input.module)].filter { !$0.1.isEmpty }
    let lines = pieces.map { start, bytes in
      "\(String(start, radix: 16))-\(String(start + UInt64(bytes.count), radix: 16)) "
        + (start == StackInput.stackStart ? "rw-p 0 0:0 0 [stack]\n" : "r-xp 0 0:0 0 [vdso]\n")
    }
    regions = (try? MapsParser.parse(Array(lines.joined().utf8))) ?? []
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = regions.firstIndex(where: { $0.range.contains(address) }) else { return [] }
    let offset = Int(address.rawValue - pieces[index].start)
    let count = min(pieces[index].bytes.count - offset, buffer.byteCount)
    buffer.withUnsafeMutableBytes { $0.copyBytes(from: pieces[index].bytes[offset..<offset + count]) }
    return [MemoryRun(.bytes, UInt64(count))]
  }
}

/// How deep the stacks were that the target has seen: one that sees none but the first frame tests little.
private enum Depth {
  nonisolated(unsafe) static var (stacks, frames) = (0, 0)
  nonisolated(unsafe) static var isTold = false

  static func add(_ count: Int) {
    stacks += 1
    frames += count
    guard !isTold else { return }
    isTold = true
    atexit { print("stat::mean_depth: \(Double(Depth.frames * 10 / max(1, Depth.stacks)) / 10)") }
  }
}

/// A thread: its stack ends, and every caller is one in code.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let input = StackInput(bytes), let id = ProcessID(rawValue: 7) else { return 0 }
  let memory = InputStack(input)
  let registers = ThreadRegisters(thread: id, notes: [.init(type: 1, bytes: input.registers)])
  do throws(MemDumpError) {
    var unwinder = try StackUnwinder(memory)
    let stack = try unwinder.stack(of: registers)
    precondition(!stack.frames.isEmpty && stack.frames.count <= 4096)
    Depth.add(stack.frames.count)
    var names = StackNames(memory, process: nil)
    for frame in stack.frames {
      let found = names.names(of: frame)
      precondition(frame.evidence == .register || frame.address == frame.instruction || !found.isEmpty)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
