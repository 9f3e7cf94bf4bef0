import MemDumpTestSupport
import Synchronization
import SystemPackage
import Testing

@testable import MemDump

@Suite struct DumpCopyTests {
  /// Takes notes of what it is given, and fails where it is told to.
  private final class Recorder: BlockTaker {
    let seen = Mutex<[(offset: UInt64, byteCount: Int)]>([])
    let end = Mutex<UInt64?>(nil)
    private let failsAt: Int

    init(failsAt: Int = .max) { self.failsAt = failsAt }

    func take(_ bytes: RawSpan, of block: BlockRing.Block) throws(MemDumpError) {
      let count = bytes.byteCount
      let number = seen.withLock { seen in
        seen.append((block.offset, count))
        return seen.count
      }
      if number >= failsAt { throw MemDumpError(.file("x", .write, .noSpace)) }
    }

    func finish(at byteCount: UInt64) { end.withLock { $0 = byteCount } }
  }

  private static func layout(_ memory: any MemorySource) -> FileLayout {
    let ranges = memory.regions.map(\.range)
    return CoreFormat.layout(
      ProcessImage(regions: memory.regions, contents: ranges, facts: ProcessFacts(), threads: []))
  }

  @Test func blocksComeInOrderAndGatherWhatStandsTogether() throws {
    let pieces = (0..<2000).flatMap {
      [PatchyMemory.Stretch.bytes([UInt8](repeating: UInt8($0 % 255 + 1), count: 4096)), .gap(4096)]
    }
    let memory = try PatchyMemory(start: 0x10000, pieces)
    let layout = Self.layout(memory)
    let takers = [Recorder(), Recorder()]
    let result = try DumpCopy(layout, of: memory, control: ScanControl()).run(takers)
    #expect(result.byteCount == 2000 * 4096)
    for taker in takers {
      let seen = taker.seen.withLock { $0 }
      #expect(seen.first?.offset == 0)
      #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.offset + UInt64($0.byteCount) <= $1.offset })
      #expect(seen.count < 12, "regions of a page each share blocks")
      #expect(seen.last.map { $0.offset + UInt64($0.byteCount) } == layout.byteCount)
      #expect(taker.end.withLock { $0 } == layout.byteCount)
    }
  }

  @Test(arguments: [1, 2, 5]) func whatATakerThrowsEndsItAll(number: Int) throws {
    let memory = try PatchyMemory(start: 0x10000, [.bytes([UInt8](repeating: 1, count: 16 << 20))])
    let (good, bad) = (Recorder(), Recorder(failsAt: number))
    let error = #expect(throws: MemDumpError.self) {
      _ = try DumpCopy(Self.layout(memory), of: memory, control: ScanControl()).run([good, bad])
    }
    #expect(error?.cause == .noSpace)
    #expect(bad.seen.withLock { $0.count } == number)
    #expect(good.seen.withLock { $0.count } < 16)
    #expect(good.end.withLock { $0 } == nil && bad.end.withLock { $0 } == nil)
  }

  @Test func whoIsToldToStopLeavesNothing() throws {
    let memory = try PatchyMemory(start: 0x10000, [.bytes([1]), .absent(1 << 40), .bytes([2])])
    let control = ScanControl()
    control.stop()
    let error = #expect(throws: MemDumpError.self) {
      _ = try DumpCopy(Self.layout(memory), of: memory, control: control).run([Recorder()])
    }
    #expect(error?.code == .interrupted)
  }

  @Test func pagesOfZerosAreNotWritten() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("f", [])
    let file = try FileDescriptor.open(path, .readWrite)
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 5 * 4096 + 10)
    (bytes[4096], bytes[3 * 4096 + 4095], bytes[5 * 4096 + 9]) = (1, 2, 3)
    try Syscall.truncate(file, UInt64(bytes.count) + 4096)
    let writer = SparseFileWriter(file, path: path)
    var block = BlockRing.Block(offset: 4096)
    block.add(bytes.count, isRead: true)
    try writer.take(bytes.span.bytes, of: block)
    #expect(writer.byteCount == 2 * 4096 + 10)
    #expect(try directory.read("f") == [UInt8](repeating: 0, count: 4096) + bytes)
  }

  @Test(arguments: [0, 1, 2, 4095, 4096]) func aZeroIsSeenWhereverItIsNot(place: Int) {
    var bytes = [UInt8](repeating: 0, count: 4097)
    let isZero = bytes.span.bytes.isZero(0..<4097)
    #expect(isZero)
    bytes[place] = 1
    let (whole, before) = (bytes.span.bytes.isZero(0..<4097), bytes.span.bytes.isZero(0..<place))
    #expect(!whole && before)
  }
}
