import Foundation
import MemDumpTestSupport
import ScanReferences
import SystemPackage
import Testing

@testable import MemDump

/// Runs the seeds of the fuzz targets, and the inputs that made one fail once, through the parsers. What holds of the answers
/// is checked by the tests of each parser and by the targets themselves; here every input must have an answer.
@Suite struct FuzzReplayTests {
  private static let fuzzDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fuzz")

  private static let targets =
    [
      "maps", "smaps", "status", "manifest", "selector", "size", "core", "heap", "mimalloc", "musl", "page-maps",
      "zend", "sockets", "symbols", "symbol-name", "trigger", "needles", "stacks", "debug-info", "perf-records", "go",
      "python", "luajit", "hotspot",
    ] + Patterns.all.map(\.name) + [
      "strings", "bytes", "literals", "wide", "regex", "nginx-pools", "postgres-contexts",
    ]

  private static func inputs(_ directory: String, of target: String) throws -> [(name: String, bytes: [UInt8])] {
    let place = fuzzDirectory.appending(path: directory).appending(path: target)
    return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent != "README" }
      .map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
  }

  /// Gives an input to a target's parser. Returns whether it took it for what it reads.
  private static func run(_ target: String, _ bytes: [UInt8]) throws -> Bool {
    switch target {
    case "maps": return (try? MapsParser.parse(bytes)) != nil
    case "smaps": return (try? SmapsParser.parse(bytes)) != nil
    case "status": return !ProcessStatus(parsing: bytes).name.isEmpty
    case "manifest": return Manifest(parsing: bytes) != nil
    case "selector": return (try? RegionSelector(parsing: String(decoding: bytes, as: UTF8.self))) != nil
    case "size": return ByteSize(parsing: String(decoding: bytes, as: UTF8.self)) != nil
    case "symbol-name": return SymbolName(bytes).demangled != nil
    case "trigger": return (try? Trigger(parsing: String(decoding: bytes, as: UTF8.self))) != nil
    case "core":
      _ = CoreParser.mappedFiles(notes: bytes)
      let directory = try TemporaryDirectory()
      guard let core = try? CoreFile(directory.write("core", bytes)) else { return false }
      var list = FindingRecorder()
      _ = try Scan(patterns: [IPv4Port()]).run(core, into: &list)
      return !core.regions.isEmpty
    case "sockets":
      _ = Endpoint(parsing: bytes)
      return (try? SocketTable.parse(bytes)) != nil
    case "heap": return try heap(bytes)
    case "mimalloc": return try heap(in: MimallocInput.memory(bytes))
    case "musl": return try heap(in: MuslInput.memory(bytes))
    case "zend": return try heap(in: ZendInput.memory(bytes))
    case "page-maps":
      guard let (layout, rest) = PageMapInput.layout(of: bytes) else { return false }
      let memory = PageMapInput.memory(layout, rest)
      let heaps = try HeapWalk(memory).run()
      guard let used = heaps.used else { return false }
      var holders = HoldingSearch(memory, heaps: heaps)
      let holdings = try holders.run()
      #expect(holdings.total.count + holdings.omittedCount == used.count)
      return true
    case "symbols": return symbols(bytes)
    case "stacks": return try stack(bytes)
    case "debug-info": return lines(bytes)
    case "go": return try goroutines(bytes)
    case "python": return try objects(bytes)
    case "luajit":
      if bytes.isEmpty { return false }
      if case .found = try LuaObjects.find(in: TestMemory([0x10000: bytes])) { return true }
      return false
    case "hotspot": return try classes(bytes)
    case "perf-records": return PerfRecord.parse(bytes).byteCount == bytes.count
    case "strings": return try strings(bytes)
    case "bytes": return try find(bytes)
    case "literals": return try findSeveral(bytes)
    case "needles": return (try? NeedleList(parsing: bytes, of: "list")) != nil
    case "regex": return try match(bytes)
    case "wide": return try wide(bytes)
    case "nginx-pools": return try pools(bytes, NginxPools())
    case "postgres-contexts": return try pools(bytes, PostgresContexts())
    default: return try scan(target, bytes)
    }
  }

  private static func stack(_ bytes: [UInt8]) throws -> Bool {
    guard let input = StackInput(bytes), let id = ProcessID(rawValue: 7) else { return false }
    let pieces: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)] = [
      (StackInput.stackStart, input.stack, "[stack]", 0), (StackInput.moduleStart, input.module, "[vdso]", 0),
    ]
    let memory = try NamedMemory(pieces.filter { !$0.bytes.isEmpty }, code: "[vdso]")
    var unwinder = try StackUnwinder(memory)
    let stack = try unwinder.stack(of: ThreadRegisters(thread: id, notes: [.init(type: 1, bytes: input.registers)]))
    return stack.frames.count > 1
  }

  /// As the target takes it apart: the data of a C library, then a heap.
  private static func heap(_ bytes: [UInt8]) throws -> Bool {
    let pieces: [(start: UInt64, bytes: [UInt8], name: String, inode: Int)] = [
      (0x5555_0000_0000, Array(bytes.dropFirst(2304)), "[heap]", 0),
      (0x7f00_0001_0000, Array(bytes.prefix(2304)), "/lib/libc.so.6", 7),
    ]
    let memory = try NamedMemory(pieces.filter { !$0.bytes.isEmpty })
    let heaps = try HeapWalk(memory).run()
    guard let heap = heaps.all.first else { return false }
    let total = heap.ranges.reduce(0) { $0 + $1.byteCount }
    #expect(heap.walkedByteCount + heap.skippedByteCount + heap.mapped.byteCount == total)
    var search = try ReferenceSearch(memory, heaps: heaps)
    for references in try search.references(toBlocksOfSizes: heap.classes.prefix(8).map(\.footprint)) {
      #expect(references.traced <= references.sampled)
    }
    var holders = HoldingSearch(memory, heaps: heaps)
    let holdings = try holders.run()
    #expect(holdings.total.count + holdings.omittedCount == heap.used.count)
    #expect(holdings.profile.total(ofType: 1) == holdings.total.byteCount)
    #expect(holdings.lost.reduce(0) { $0 + $1.amount.count } == holdings.unheld.count)
    return true
  }

  /// A heap in the memory that an input is made to.
  private static func heap(in pieces: [MimallocInput.Piece]) throws -> Bool {
    let memory = try NamedMemory(pieces)
    let heaps = try HeapWalk(memory).run()
    guard let used = heaps.used else { return false }
    if case .ready(var search) = try PHPHolderSearch.prepare(memory, heaps: heaps) {
      for row in search.objects.rows.prefix(4) { _ = try search.holders(ofType: row.name) }
    }
    var holders = HoldingSearch(memory, heaps: heaps)
    let holdings = try holders.run()
    #expect(holdings.total.count + holdings.omittedCount == used.count)
    return true
  }

  /// As the target takes it apart: tables, variables and memory of a Go program.
  private static func goroutines(_ bytes: [UInt8]) throws -> Bool {
    let memory = try GoMemory(GoInput(bytes))
    _ = try GoAllocationSearch(memory, process: nil).run()
    for heap in try HeapWalk(memory).run().all {
      #expect(heap.used.byteCount &+ heap.free.byteCount <= heap.walkedByteCount)
    }
    let search = GoroutineSearch(memory, process: nil, instant: 1 << 40)
    guard case .found(let list) = try search.run() else { return false }
    #expect(list.groups.reduce(0) { $0 + $1.count } + list.omittedCount == list.count + list.systemCount)
    return true
  }

  /// As the target takes it apart: variables and pools of a Python program.
  private static func objects(_ bytes: [UInt8]) throws -> Bool {
    let program = try NamedMemory(PythonInput(bytes, program: "/usr/bin/python3").pieces)
    let calls = try PythonImage.calls(in: program)
    #expect(calls.allSatisfy { $0.line.map { $0 > 0 } ?? true })
    let memory = try NamedMemory(PythonInput(bytes).pieces)
    let heaps = try HeapWalk(memory).run()
    guard case .ready(var search) = try PythonHolderSearch.prepare(memory, heaps: heaps) else { return false }
    #expect(search.objects.namedByteCount <= search.objects.total.byteCount)
    for row in search.objects.rows.prefix(4) {
      let holders = try #require(try search.holders(ofType: row.name))
      #expect(holders.traced <= holders.sampled)
    }
    return true
  }

  /// As the target takes it apart: the structures of HotSpot, and its objects.
  private static func classes(_ bytes: [UInt8]) throws -> Bool {
    let directory = try TemporaryDirectory()
    try directory.write("libjvm.so", HotSpotInput.library)
    let memory = try NamedMemory(HotSpotInput(bytes, library: directory["libjvm.so"].string).pieces)
    guard case .found(let objects) = try HotSpotObjects.find(in: memory, process: nil) else { return false }
    #expect(objects.objects.byteCount <= objects.total.byteCount)
    return objects.objects.count > 0
  }

  private static func symbols(_ bytes: [UInt8]) -> Bool {
    func read(_ range: Range<UInt64>) -> [UInt8] {
      Array(bytes[Int(min(range.lowerBound, UInt64(bytes.count)))..<Int(min(range.upperBound, UInt64(bytes.count)))])
    }
    guard let object = ELFObject(read) else { return false }
    return [ELFObject.Table.all, .dynamic].contains { object.symbols($0, read)?.count ?? 0 > 0 }
  }

  private static func lines(_ bytes: [UInt8]) -> Bool {
    func read(_ range: Range<UInt64>) -> [UInt8] {
      Array(bytes[Int(min(range.lowerBound, UInt64(bytes.count)))..<Int(min(range.upperBound, UInt64(bytes.count)))])
    }
    guard let information = ELFObject(read).flatMap({ DebugInformation($0, read) }) else { return false }
    return (0x240..<0x300).contains { information.frames(at: $0).count > 1 }
  }

  /// As the target does, with every option the pattern has.
  private static func scan(_ target: String, _ bytes: [UInt8]) throws -> Bool {
    guard let input = ScanInput(bytes) else { return false }
    let memory = try TestMemory(input.pieces, longestRead: input.longestRead)
    var count = 0
    for table in PatternCases.all where table.pattern.name == target {
      let scan = Scan(patterns: [table.pattern], chunk: input.chunk, threads: input.threads)
      let expected = table.places(in: input.bytes, at: input.address)
      #expect(try scan.places(memory) == expected)
      count += expected.count
    }
    return count > 0
  }

  /// As the target takes it apart: encoding, shortest length, chunk, size of a region, longest read, text.
  private static func strings(_ input: [UInt8]) throws -> Bool {
    guard input.count > 5 else { return false }
    let (kind, shortest, bytes) = (Int(input[0] % 3), max(1, Int(input[1] % 80)), Array(input[5...]))
    let memory = try TestMemory(pieces(bytes, input[3]), longestRead: input[4] == 0 ? .max : Int(input[4]))
    var list = FindingRecorder()
    _ = try Strings(
      encoding: TextEncoding.allCases[kind], shortest: shortest, chunk: input[2] == 0 ? 4096 : Int(input[2])
    ).run(memory, into: &list)
    let runs = ReferenceStrings(encoding: .init(rawValue: kind) ?? .ascii, shortest: shortest).runs(in: bytes)
    #expect(list.items == runs.map { FindingRecorder.Item(address: UInt64($0.offset), text: $0.text.latin1) })
    for run in runs { #expect(TextTemplate.template(of: run.text) == ReferenceStrings.template(of: run.text)) }
    return !runs.isEmpty
  }

  /// The bytes as regions of that size.
  private static func pieces(_ bytes: [UInt8], _ size: UInt8) -> [UInt64: [UInt8]] {
    let size = size == 0 ? bytes.count : Int(size)
    var pieces: [UInt64: [UInt8]] = [:]
    for start in stride(from: 0, to: bytes.count, by: size) {
      pieces[UInt64(start)] = Array(bytes[start..<min(bytes.count, start + size)])
    }
    return pieces
  }

  /// As the target takes it apart: chunk, size of a region, longest read, memory.
  private static func pools(_ input: [UInt8], _ kind: any PoolKind) throws -> Bool {
    guard input.count > 3 else { return false }
    let bytes = Array(input[3...])
    let size = input[1] == 0 ? bytes.count : Int(input[1]) * 16
    var pieces: [UInt64: [UInt8]] = [:]
    for start in stride(from: 0, to: bytes.count, by: size) {
      pieces[0x10000 + UInt64(start)] = Array(bytes[start..<min(bytes.count, start + size)])
    }
    let memory = try TestMemory(pieces, longestRead: input[2] == 0 ? .max : Int(input[2]))
    let pools = try PoolSearch(kind, chunk: input[0] == 0 ? 4096 : Int(input[0])).run(memory).list.pools
    #expect(try PoolSearch(kind).run(memory).list.pools == pools)
    return !pools.isEmpty
  }

  /// As the target takes it apart: options, chunk, size of a region, longest read, text.
  private static func wide(_ input: [UInt8]) throws -> Bool {
    guard input.count > 4 else { return false }
    let bytes = Array(input[4...])
    let (allowsPortZero, wantsWholeWord) = (input[0] & 1 != 0, input[0] & 2 != 0)
    let pattern = IPv4Port(allowsPortZero: allowsPortZero, wantsWholeWord: wantsWholeWord)
    let reference = IPv4PortReference(allowsPortZero: allowsPortZero, wantsWholeWord: wantsWholeWord)
    let expected = ReferenceWide(bytes).matches { reference.matches(in: $0) }
    let starts = try starts(of: #require(pattern.wide), in: bytes, input[1..<4])
    #expect(starts == expected.map(\.lowerBound))
    return !starts.isEmpty
  }

  /// The needle ends with a NUL.
  private static func find(_ input: [UInt8]) throws -> Bool {
    guard input.count > 4, let end = input[4...].firstIndex(of: 0) else { return false }
    let (needle, bytes) = (String(decoding: input[4..<end], as: UTF8.self), Array(input[(end + 1)...]))
    let (isText, ignoresCase) = (input[0] & 1 != 0, input[0] & 2 != 0)
    let pattern = isText ? BytesPattern(text: needle, ignoringCase: ignoresCase) : BytesPattern(hexadecimal: needle)
    guard let pattern else { return false }
    let reference =
      isText ? ReferenceBytes(text: Array(needle.utf8), ignoringCase: ignoresCase) : ReferenceBytes(hexadecimal: needle)
    let starts = try starts(of: pattern, in: bytes, input[1..<4])
    #expect(starts == reference.matches(in: bytes).map(\.lowerBound))
    return !starts.isEmpty
  }

  /// The texts end with an empty one.
  private static func findSeveral(_ input: [UInt8]) throws -> Bool {
    guard let input = LiteralInput(input), let scanned = ScanInput(input.memory), input.texts.count > 1 else {
      return false
    }
    let ignoresCase = scanned.allowsPortZero
    let patterns = input.texts.compactMap {
      BytesPattern(text: String(decoding: $0, as: UTF8.self), ignoringCase: ignoresCase)
    }
    guard patterns.count == input.texts.count else { return false }
    let expected = input.texts.enumerated().flatMap { index, text in
      LiteralReference(text, ignoringCase: ignoresCase).matches(in: scanned.bytes).map {
        FoundPlace(pattern: index, address: scanned.address + UInt64($0.lowerBound))
      }
    }.sorted { ($0.address, $0.pattern) < ($1.address, $1.pattern) }
    let memory = try TestMemory(scanned.pieces, longestRead: scanned.longestRead)
    #expect(try Scan(patterns: patterns, chunk: scanned.chunk, threads: scanned.threads).places(memory) == expected)
    return !expected.isEmpty
  }

  /// The expression ends with a NUL. Without an engine there is none.
  private static func match(_ input: [UInt8]) throws -> Bool {
    guard input.count > 4, let end = input[4...].firstIndex(of: 0) else { return false }
    let bytes = Array(input[(end + 1)...].prefix(200))
    #if Regex
      let expression = String(decoding: input[4..<end], as: UTF8.self)
      guard var pattern: any Pattern = try? RegexPattern(expression, ignoringCase: input[0] & 1 != 0) else {
        return false
      }
      if input[0] & 2 != 0 { pattern = try #require(pattern.wholeWord) }
      if input[0] & 4 != 0 { pattern = try #require(pattern.wide) }
      let starts = try starts(of: pattern, in: bytes, input[1..<4])
      #expect(starts == pattern.places(in: bytes).map(\.lowerBound))
      return !starts.isEmpty
    #else
      return !bytes.isEmpty
    #endif
  }

  /// Where a scan finds a pattern; three bytes choose the chunk, the size of a region, and the longest read.
  private static func starts(of pattern: any Pattern, in bytes: [UInt8], _ choices: ArraySlice<UInt8>) throws -> [Int] {
    guard !bytes.isEmpty else { return [] }
    let pieces = pieces(bytes, choices[choices.startIndex + 1])
    let choices = choices.map(Int.init)
    let memory = try TestMemory(pieces, longestRead: choices[2] == 0 ? .max : choices[2])
    let scan = Scan(patterns: [pattern], chunk: choices[0] == 0 ? 4096 : choices[0])
    return try scan.items(memory).map { Int($0.address) }
  }

  @Test(arguments: targets) func everySeedHasAnAnswer(target: String) throws {
    let seeds = try Self.inputs("Seeds", of: target)
    var taken = 0
    for seed in seeds where try Self.run(target, seed.bytes) { taken += 1 }
    #expect(taken > 0, "a seed that nothing accepts teaches a fuzzer nothing")
  }

  @Test(arguments: targets) func whatFailedOnceFailsNoMore(target: String) throws {
    for input in try Self.inputs("FailCases", of: target) {
      _ = try Self.run(target, input.bytes)
    }
  }

  /// A target that is added must be replayed here too.
  @Test func everyTargetIsReplayed() throws {
    for directory in ["Seeds", "FailCases", "Sources"] {
      let place = Self.fuzzDirectory.appending(path: directory).path
      let names = try FileManager.default.contentsOfDirectory(atPath: place)
      #expect(Set(names) == Set(Self.targets), "\(directory)")
    }
  }
}
