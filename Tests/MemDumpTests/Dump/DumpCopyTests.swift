import MemDumpTestSupport
import Synchronization
import SystemPackage
import Testing

@testable import MemDump

@Suite struct DumpCopyTests {
  /// Takes notes of what it is given, and fails, or has all stopped, where it is told to.
  private final class Recorder: BlockTaker {
    let isSequential: Bool
    let seen = Mutex<[(offset: UInt64, bytes: [UInt8])]>([])
    let end = Mutex<UInt64?>(nil)
    private let failsAt: Int
    private let onTake: @Sendable (Int) -> Void

    init(
      isSequential: Bool = true, failsAt: Int = .max, onTake: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
      (self.isSequential, self.failsAt, self.onTake) = (isSequential, failsAt, onTake)
    }

    func take(_ bytes: RawSpan, at offset: UInt64) throws(MemDumpError) {
      let copy = unsafe bytes.withUnsafeBytes { Array($0) }
      let number = seen.withLock { seen in
        seen.append((offset, copy))
        return seen.count
      }
      onTake(number)
      if number >= failsAt { throw MemDumpError(.file("x", .write, .noSpace)) }
    }

    func finish(at byteCount: UInt64) { end.withLock { $0 = byteCount } }

    /// The file that was described.
    var file: [UInt8] {
      var file = [UInt8](repeating: 0, count: Int(end.withLock { $0 } ?? 0))
      for (offset, bytes) in seen.withLock({ $0 }) {
        file.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes)
      }
      return file
    }
  }

  private static func layout(_ memory: any MemorySource) -> FileLayout {
    let ranges = memory.regions.map(\.range)
    return CoreFormat.layout(
      ProcessImage(regions: memory.regions, contents: ranges, facts: ProcessFacts(), threads: []))
  }

  private static func copy(
    _ memory: PatchyMemory, threads: Int = 2, _ style: GatheredMemory.Style = .later, unreadable: Range<Address>? = nil,
    control: WorkControl = WorkControl(), to takers: [any BlockTaker]
  ) throws -> DumpCopy.Result {
    try DumpCopy(
      layout(memory), of: GatheredMemory(memory, style, unreadable: unreadable), control: control, threads: threads
    ).run(takers)
  }

  @Test func whatStandsTogetherComesTogetherAndInOrder() throws {
    let pieces = (0..<2000).flatMap {
      [PatchyMemory.Stretch.bytes([UInt8](repeating: UInt8($0 % 255 + 1), count: 4096)), .border]
    }
    let memory = try PatchyMemory(start: 0x10000, pieces)
    let byteCount = Self.layout(memory).byteCount
    let takers = [Recorder(), Recorder(), Recorder(isSequential: false)]
    let result = try Self.copy(memory, threads: 3, to: takers)
    #expect(result.byteCount == 2000 * 4096)
    #expect(result.holes.isEmpty)
    let files = takers.map(\.file)
    #expect(files[0] == files[1] && files[0] == files[2])
    for taker in takers {
      let seen = taker.seen.withLock { $0 }
      #expect(seen.count < 50, "regions of a page each share blocks")
      #expect(taker.end.withLock { $0 } == byteCount)
      guard taker.isSequential else { continue }
      #expect(seen.first?.offset == 0)
      #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.offset + UInt64($0.bytes.count) <= $1.offset })
    }
  }

  /// Blocks, some of many small pieces, holes of every length, what cannot be read though it seemed to be there.
  private static func patchwork(seed: UInt64) throws -> PatchyMemory {
    var generator = SeededGenerator(seed: seed)
    let stretches: [PatchyMemory.Stretch] = (0..<300).map { _ in
      let isLong = Int.random(in: 0..<20, using: &generator) == 0
      let length = 4096 * UInt64.random(in: 1...(isLong ? 300 : 5), using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: return .absent(length)
      case 1: return .unread(length, .swapped)
      case 2: return .border
      default:
        let first = UInt8.random(in: 1...250, using: &generator)
        return .bytes((0..<length).map { first &+ UInt8(truncatingIfNeeded: $0 / 1000) | 1 })
      }
    }
    return try PatchyMemory(
      start: 0x10000, stretches, longestRead: seed % 2 == 0 ? 5 * 4096 : .max, mostRuns: seed % 3 == 0 ? 2 : .max)
  }

  @Test(arguments: 1...(isFullRun ? 6 : 3)) func anyNumberOfThreadsMakesTheSameFile(seed: UInt64) throws {
    let memory = try Self.patchwork(seed: seed)
    let place = try #require(
      memory.stretches.first { if case .bytes = $0.content { $0.range.byteCount > 8192 } else { false } }
    ).range.lowerBound
    let unreadable = Range(start: place + 4096, byteCount: 4096)
    let one = Recorder()
    let expected = try Self.copy(memory, threads: 1, .atOnce, to: [one])
    #expect(zip(expected.holes, expected.holes.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
    for style in GatheredMemory.Style.allCases {
      for threads in [1, 2, 5] {
        let takers = [Recorder(), Recorder(isSequential: false)]
        let result = try Self.copy(memory, threads: threads, style, to: takers)
        let isSame = takers.allSatisfy { $0.file == one.file } && result.holes == expected.holes
        #expect(isSame, "\(style), \(threads) threads")
        #expect(result.byteCount == expected.byteCount)
      }
    }
    let damaged = try Self.copy(memory, threads: 3, unreadable: unreadable, to: [Recorder()])
    #expect(damaged.byteCount == expected.byteCount - 4096)
    #expect(damaged.holes.contains { $0.reason == "unreadable" && $0.range == unreadable })
    #expect(zip(damaged.holes, damaged.holes.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
  }

  @Test(arguments: [1, 2, 5], [true, false]) func whatATakerThrowsEndsItAll(number: Int, isSequential: Bool) throws {
    let memory = try PatchyMemory(start: 0x10000, [.bytes([UInt8](repeating: 1, count: 16 << 20))])
    let (good, bad) = (Recorder(), Recorder(isSequential: isSequential, failsAt: number))
    let error = #expect(throws: MemDumpError.self) { _ = try Self.copy(memory, threads: 4, to: [good, bad]) }
    #expect(error?.cause == .noSpace)
    // The other threads may have been in the middle of a write of their own.
    #expect((number..<number + (isSequential ? 1 : 4)).contains(bad.seen.withLock { $0.count }))
    #expect(good.seen.withLock { $0.count } < 64)
    #expect(good.end.withLock { $0 } == nil && bad.end.withLock { $0 } == nil)
  }

  /// Whoever is slow holds the others up before they fill the memory.
  @Test func aSlowTakerBoundsWhatIsRead() throws {
    let memory = try PatchyMemory(start: 0x10000, [.bytes([UInt8](repeating: 1, count: 32 << 20))])
    let gathered = GatheredMemory(memory)
    let ahead = Mutex<[Int]>([])
    let taker = Recorder { number in
      if number < 4 { Syscall.sleep(nanoseconds: 50_000_000) }
      ahead.withLock { $0.append(gathered.gatherCount - number) }
    }
    _ = try DumpCopy(Self.layout(memory), of: gathered, control: WorkControl(), threads: 3).run([taker])
    #expect(taker.file.count >= 32 << 20)
    #expect(ahead.withLock { $0.max() ?? 0 } <= 12)
  }

  @Test(arguments: [0, 3]) func whoIsToldToStopLeavesNothing(number: Int) throws {
    let memory = try PatchyMemory(
      start: 0x10000, [.bytes([UInt8](repeating: 1, count: 16 << 20)), .absent(1 << 40), .bytes([2])])
    let control = WorkControl()
    if number == 0 { control.stop() }
    let taker = Recorder { if $0 == number { control.stop() } }
    let error = #expect(throws: MemDumpError.self) {
      _ = try Self.copy(memory, threads: 3, control: control, to: [taker])
    }
    #expect(error?.code == .interrupted)
    #expect(taker.seen.withLock { $0.count } == number)
    #expect(taker.end.withLock { $0 } == nil)
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
    try writer.take(bytes.span.bytes, at: 4096)
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
