import MemDump

/// Registers, a stack and the code of the kernel's own module, whose headers are read from memory, made of the input.
private final class InputStack: MemorySource {
  static let (registersByteCount, stackByteCount) = (27 * 8, 4096)
  static let (stack, module): (UInt64, UInt64) = (0x7ffc_0000_0000, 0x7fff_0000_0000)
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let pieces: [(start: UInt64, bytes: [UInt8])]

  init(_ bytes: [UInt8]) {
    let rest = bytes.dropFirst(Self.registersByteCount)
    pieces = [
      (Self.stack, Array(rest.prefix(Self.stackByteCount))), (Self.module, Array(rest.dropFirst(Self.stackByteCount))),
    ]
    .filter { !$0.bytes.isEmpty }
    let lines = pieces.map { start, bytes in
      "\(String(start, radix: 16))-\(String(start + UInt64(bytes.count), radix: 16)) "
        + (start == Self.stack ? "rw-p 0 0:0 0 [stack]\n" : "r-xp 0 0:0 0 [vdso]\n")
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

/// A thread: its stack ends, and every caller is one in code.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard bytes.count > InputStack.registersByteCount, let id = ProcessID(rawValue: 7) else { return 0 }
  let registers = ThreadRegisters(
    thread: id, notes: [.init(type: 1, bytes: Array(bytes.prefix(InputStack.registersByteCount)))])
  do throws(MemDumpError) {
    let memory = InputStack(bytes)
    var unwinder = try StackUnwinder(memory)
    let stack = try unwinder.stack(of: registers)
    precondition(!stack.frames.isEmpty && stack.frames.count <= 4096)
    var names = StackNames(memory, process: nil)
    for frame in stack.frames {
      let name = names.name(of: frame)
      precondition(frame.evidence == .register || frame.address == frame.instruction || name != nil)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
