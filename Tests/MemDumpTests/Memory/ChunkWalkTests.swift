import Glibc
import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

@Suite struct ChunkWalkTests {
  /// What a walk handed out.
  private struct Piece {
    var base: Address
    var owned: Range<Int>
    var bytes: [UInt8]

    var ownedAddresses: Range<Address> { base + UInt64(owned.lowerBound)..<base + UInt64(owned.upperBound) }
    var end: Address { base + UInt64(bytes.count) }
  }

  private static let shapes: [(margin: Int, chunk: Int)] = [0, 1, 2, 24, 4096].flatMap { margin in
    [1, 2, 3, 7, 24, 25, 4096, 1 << 16].map { (margin, $0) }
  }

  private static func walk(
    _ source: any MemorySource, _ ranges: [Range<Address>]? = nil, margin: Int, chunk: Int
  ) throws -> (pieces: [Piece], totals: ChunkWalk.Totals) {
    var pieces: [Piece] = []
    var walk = try ChunkWalk(source, margin: margin, chunk: chunk)
    try walk.walk(ranges ?? source.regions.map(\.range)) { (bytes, window) throws(MemDumpError) in
      pieces.append(Piece(base: window.base, owned: window.owned, bytes: Array(bytes)))
      return true
    }
    return (pieces, walk.totals)
  }

  private static func patchyMemory(
    seed: UInt64, longestStretch: UInt64, mostRuns: Int, longestRead: Int
  ) throws -> PatchyMemory {
    var generator = SeededGenerator(seed: seed)
    let lengths: [UInt64] = [1, 2, 3, 23, 24, 25, 47, 48, 49, 100, 4095, 4096, 4097, 10000, 1 << 33]
    let stretches: [PatchyMemory.Stretch] = (0..<20).map { _ in
      let length = lengths[Int.random(in: 0..<lengths.count, using: &generator)]
      switch Int.random(in: 0..<8, using: &generator) {
      case 0..<3:
        return .bytes((0..<min(length, longestStretch)).map { _ in UInt8.random(in: 1...255, using: &generator) })
      case 3, 4: return .absent(length)
      case 5: return .unread(length, .device)
      case 6: return .border
      default: return .gap(length)
      }
    }
    return try PatchyMemory(stretches, longestRead: longestRead, mostRuns: mostRuns)
  }

  /// One memory of many for the properties below: each shape meets other ones.
  private static func memories(_ shape: (margin: Int, chunk: Int)) throws -> [PatchyMemory] {
    try (0..<6).map { round in
      try patchyMemory(
        seed: UInt64(shape.margin * 100_003 + shape.chunk * 7 + round), longestStretch: shape.chunk < 4096 ? 60 : 5000,
        mostRuns: round % 2 == 0 ? .max : 1, longestRead: round % 3 == 0 && shape.margin < 4096 ? 29 : .max)
    }
  }

  @Test(arguments: shapes) func everyByteIsOwnedExactlyOnce(margin: Int, chunk: Int) throws {
    for memory in try Self.memories((margin, chunk)) {
      let owned = try Self.walk(memory, margin: margin, chunk: chunk).pieces.map(\.ownedAddresses)
      for (one, next) in zip(owned, owned.dropFirst()) { #expect(one.upperBound <= next.lowerBound) }
      let union = owned.union()
      for run in memory.runsOfBytes {
        let range = Range(start: Address(run.start), byteCount: UInt64(run.bytes.count))
        #expect(union.contains { $0.clamped(to: range) == range }, "\(range) is not owned as a whole")
      }
    }
  }

  @Test(arguments: shapes) func aWindowHoldsWhatTheMemoryHolds(margin: Int, chunk: Int) throws {
    for memory in try Self.memories((margin, chunk)) {
      for piece in try Self.walk(memory, margin: margin, chunk: chunk).pieces {
        let isSame = piece.bytes == memory.bytes(at: piece.base..<piece.end)
        #expect(isSame, "\(piece.base)-\(piece.end)")
        #expect(piece.owned.lowerBound >= 0 && piece.owned.upperBound <= piece.bytes.count && !piece.owned.isEmpty)
      }
    }
  }

  /// Around what a window owns there are `margin` bytes, or the run ends before.
  @Test(arguments: shapes) func marginsArePresent(margin: Int, chunk: Int) throws {
    for memory in try Self.memories((margin, chunk)) {
      for piece in try Self.walk(memory, margin: margin, chunk: chunk).pieces {
        let before = piece.owned.lowerBound
        let behind = piece.bytes.count - piece.owned.upperBound
        let isStart = memory.bytes(at: piece.base - 1..<piece.base) == nil
        let isEnd = memory.bytes(at: piece.end..<piece.end + 1) == nil
        #expect(before >= margin || isStart, "before \(piece.ownedAddresses)")
        #expect(behind >= margin || isEnd, "behind \(piece.ownedAddresses)")
      }
    }
  }

  @Test(arguments: shapes) func totalsAreRight(margin: Int, chunk: Int) throws {
    for memory in try Self.memories((margin, chunk)) {
      var (bytes, absent, unread): (UInt64, UInt64, UInt64) = (0, 0, 0)
      for stretch in memory.stretches {
        switch stretch.content {
        case .bytes: bytes += stretch.range.byteCount
        case .absent: absent += stretch.range.byteCount
        case .unread: unread += stretch.range.byteCount
        case .gap, .border: break
        }
      }
      let totals = try Self.walk(memory, margin: margin, chunk: chunk).totals
      #expect(totals.byteCount == bytes)
      #expect(totals.absentByteCount == absent)
      #expect(totals.unreadByteCount == unread)
    }
  }

  /// Only what is selected is owned, counted and seen, also where a hole goes on behind it.
  @Test(arguments: shapes) func nothingOutsideOfTheSelectionIsSeen(margin: Int, chunk: Int) throws {
    var generator = SeededGenerator(seed: UInt64(margin + chunk))
    for memory in try Self.memories((margin, chunk)) {
      var ranges: [Range<Address>] = []
      for region in memory.regions {
        let length = min(region.byteCount, 20000)
        let start = region.range.lowerBound + UInt64.random(in: 0..<length, using: &generator)
        let end = start + UInt64.random(in: 1...length, using: &generator)
        ranges.append(start..<min(end, region.range.upperBound))
      }
      let (pieces, totals) = try Self.walk(memory, ranges, margin: margin, chunk: chunk)
      #expect(
        totals.byteCount + totals.absentByteCount + totals.unreadByteCount == ranges.reduce(0) { $0 + $1.byteCount })
      let selected = ranges.union()
      for piece in pieces {
        let visible = piece.ownedAddresses
        #expect(selected.contains { $0.clamped(to: visible) == visible }, "\(visible) was not selected")
      }
    }
  }

  /// Parts of a run, each walked by another: together they own each byte once, and each sees its margins.
  @Test(arguments: shapes) func partsOfARunOwnEachByteOnce(margin: Int, chunk: Int) throws {
    var generator = SeededGenerator(seed: UInt64(margin * 7 + chunk))
    for memory in try Self.memories((margin, chunk)) {
      for run in memory.regions.map(\.range).union() where run.byteCount < 100_000 {
        let cut = run.lowerBound + UInt64.random(in: 0...run.byteCount, using: &generator)
        var walk = try ChunkWalk(memory, margin: margin, chunk: chunk)
        var pieces: [Piece] = []
        for part in [run.lowerBound..<cut, cut..<run.upperBound] where !part.isEmpty {
          try walk.walk(part, within: run) { (bytes, window) throws(MemDumpError) in
            pieces.append(Piece(base: window.base, owned: window.owned, bytes: Array(bytes)))
            return true
          }
        }
        let whole = try Self.walk(memory, [run], margin: margin, chunk: chunk)
        let bytes = pieces.flatMap { piece in piece.bytes[piece.owned] }
        let owned = pieces.map(\.ownedAddresses)
        #expect(zip(owned, owned.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
        #expect(bytes.filter { $0 != 0 } == whole.pieces.flatMap { $0.bytes[$0.owned] }.filter { $0 != 0 })
        #expect(walk.totals.byteCount == whole.totals.byteCount)
        #expect(walk.totals.absentByteCount == whole.totals.absentByteCount)
        #expect(walk.totals.unreadByteCount == whole.totals.unreadByteCount)
        for piece in pieces {
          let isSame = piece.bytes == memory.bytes(at: piece.base..<piece.end)
          #expect(isSame, "\(piece.base)-\(piece.end)")
          let isStart = memory.bytes(at: piece.base - 1..<piece.base) == nil
          let isEnd = memory.bytes(at: piece.end..<piece.end + 1) == nil
          #expect(piece.owned.lowerBound >= margin || isStart)
          #expect(piece.bytes.count - piece.owned.upperBound >= margin || isEnd)
        }
      }
    }
  }

  @Test func aRunGoesOnOverTheBorderOfTwoRegions() throws {
    let memory = try TestMemory([0x1000: [1, 2, 3], 0x1003: [4, 5], 0x1006: [6]])
    let pieces = try Self.walk(memory, margin: 8, chunk: 64).pieces
    #expect(pieces.map(\.bytes) == [[1, 2, 3, 4, 5], [6]])
    #expect(pieces.map(\.base) == [Address(0x1000), Address(0x1006)])
    #expect(pieces.map(\.owned) == [0..<5, 0..<1])
  }

  @Test func aLongUntouchedStretchIsPassedOverWithZerosOnBothSides() throws {
    let memory = try PatchyMemory(start: 0x1000, [.bytes([1, 2]), .absent(1 << 40), .bytes([3])])
    let (pieces, totals) = try Self.walk(memory, margin: 3, chunk: 16)
    #expect(pieces.map(\.bytes) == [[1, 2, 0, 0, 0], [0, 0, 0, 3]])
    #expect(pieces.map(\.owned) == [0..<2, 3..<4])
    #expect(pieces.map(\.base) == [Address(0x1000), Address(0x1002 + (1 << 40) - 3)])
    #expect(totals.absentByteCount == 1 << 40)
  }

  @Test func anUnreadStretchInTheMiddleEndsTheRun() throws {
    let memory = try PatchyMemory(start: 0x1000, [.bytes([1, 2]), .unread(3, .swapped), .bytes([3, 4])])
    let pieces = try Self.walk(memory, margin: 4, chunk: 64).pieces
    #expect(pieces.map(\.bytes) == [[1, 2], [3, 4]])
    #expect(pieces.map(\.base) == [Address(0x1000), Address(0x1005)])
  }

  @Test func memoryThatIsGoneEndsTheRange() throws {
    let memory = try PatchyMemory(start: 0x1000, [.bytes([1, 2]), .gap(0x1000), .bytes([3])])
    let (pieces, totals) = try Self.walk(memory, [Range(0x1000, 0x3000)], margin: 2, chunk: 64)
    #expect(pieces.map(\.bytes) == [[1, 2]])
    #expect(totals.byteCount == 2)
  }

  @Test func nothingGivesNothing() throws {
    let (pieces, totals) = try Self.walk(try TestMemory([:]), margin: 24, chunk: 4096)
    #expect(pieces.isEmpty)
    #expect(totals.byteCount == 0)
  }

  @Test func theReaderMayEndTheWalk() throws {
    let memory = try TestMemory([0x1000: [1], 0x2000: [2], 0x3000: [3]])
    var seen: [UInt8] = []
    var walk = try ChunkWalk(memory, margin: 1, chunk: 16)
    try walk.walk(memory.regions.map(\.range)) { (bytes, _) throws(MemDumpError) in
      seen += Array(bytes)
      return seen.count < 2
    }
    #expect(seen == [1, 2])
  }

  @Test func worksAtTheTopOfMemory() throws {
    let start: UInt64 = 0xffff_ffff_ff60_0000
    let memory = try TestMemory([start: Array("1.2.3.4:80".utf8)])
    let pieces = try Self.walk(memory, margin: 24, chunk: 4).pieces
    #expect(pieces.flatMap { Array($0.bytes[$0.owned]) } == Array("1.2.3.4:80".utf8))
    #expect(pieces.first?.base == Address(start))
  }

  // MARK: Files that are mapped

  /// Large enough to be mapped, in windows of 256 KiB.
  private static let mappedChunk = 64 << 10

  private static func noise(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(count))
    return (0..<count).map { _ in UInt8.random(in: 1...255, using: &generator) }
  }

  /// Pages of a file in place of copies look the same, wherever a part begins, ends, or has a hole.
  @Test(arguments: [0, 24, 4096]) func mappedFilesReadAsCopiedOnes(margin: Int) throws {
    let directory = try TemporaryDirectory()
    var bytes = Self.noise(1_300_001)
    bytes.replaceSubrange(0x75000..<0xa5000, with: [UInt8](repeating: 0, count: 0x30000))
    let file = try directory.write("dump", bytes)
    let hole = #"{"start":"0x75000","end":"0xa5000","reason":"untouched"}"#
    for manifest in [nil, hole] {
      if let manifest {
        let text =
          #"{"type":"manifest","version":1,"base":"0x0","bytes":\#(bytes.count),"regions":[],"holes":[\#(manifest)]}"#
        try directory.write("dump.json", Array(text.utf8))
      }
      let dump = try RawDump(file)
      let ranges: [[Range<Address>]] = [
        [Range(0, UInt64(bytes.count))], [Range(5, 1_000_000)], [Range(0x1000, 0x70000), Range(0x80000, 0x120000)],
        [Range(0x3f000, 0x41000), Range(0x41000, 0x13d000)],
      ]
      for ranges in ranges {
        let mapped = try Self.walk(dump, ranges, margin: margin, chunk: Self.mappedChunk)
        let copied = try Self.walk(dump, ranges, margin: margin, chunk: 4096)
        #expect(Self.ownedBytes(mapped.pieces) == Self.ownedBytes(copied.pieces))
        #expect(mapped.totals.byteCount == copied.totals.byteCount)
        #expect(mapped.totals.absentByteCount == copied.totals.absentByteCount)
        for piece in mapped.pieces where manifest == nil {
          let place = Int(piece.base.rawValue)..<Int(piece.end.rawValue)
          let isSame = piece.bytes == Array(bytes[place])
          #expect(isSame, "\(piece.base)-\(piece.end)")
        }
      }
    }
  }

  private static func ownedBytes(_ pieces: [Piece]) -> [UInt8] {
    pieces.flatMap { $0.bytes[$0.owned] }.filter { $0 != 0 }
  }

  /// A file that becomes shorter under a mapping would be the end of a process that does not expect it.
  @Test(arguments: [(length: 4096, windows: 1), (300_000, 2), (512 << 10, 3)])
  func aFileThatIsCutIsAnError(length: Int, windows: Int) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("dump", Self.noise(2 << 20))
    let dump = try RawDump(path)
    var walk = try ChunkWalk(dump, margin: 24, chunk: Self.mappedChunk)
    var sums: [Int] = []
    let error = #expect(throws: MemDumpError.self) {
      try walk.walk(dump.regions.map(\.range)) { (bytes, window) throws(MemDumpError) in
        if sums.isEmpty { truncate(path.string, length) }
        sums.append(Array(bytes.extracting(window.owned)).reduce(0) { $0 + Int($1) })
        return true
      }
    }
    guard case .fileCut(path)? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(sums[0] > 0)
    // What is copied comes in smaller pieces.
    #expect(sums.count >= windows)
  }

  /// There are only so many windows; who gets none reads.
  @Test func whereThereAreTooManyWindowsFilesAreCopied() throws {
    let directory = try TemporaryDirectory()
    let bytes = Self.noise(600_000)
    let dump = try RawDump(try directory.write("dump", bytes))
    var buffers: [PageBufferBox] = []
    while let buffer = try? PageBufferBox(), buffer.hasWindow { buffers.append(buffer) }
    #expect(!buffers.isEmpty)
    let pieces = try Self.walk(dump, margin: 0, chunk: Self.mappedChunk).pieces
    #expect(Self.ownedBytes(pieces) == bytes)
    buffers = []
    #expect(try PageBufferBox().hasWindow)
  }

  /// An array cannot hold a buffer.
  private final class PageBufferBox {
    private let buffer: PageBuffer
    init() throws { buffer = try PageBuffer(byteCount: 1 << 16, windowAt: 4096) }
    var hasWindow: Bool { buffer.hasWindow }
  }
}
