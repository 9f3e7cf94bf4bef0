import Glibc
import MemDump
import MemDumpTestSupport
import ScanReferences
import SystemPackage
import Testing

/// The same bytes in mappings of every kind, found live, in dumps, on a stream and in a core: always what the references say
/// of the bytes that are known.
@Suite("A mosaic of mappings")
struct MosaicTests {
  /// Where something was found, by which pattern.
  private struct FoundPlace: Hashable, Comparable {
    var address: UInt64
    var pattern: Int

    static func < (left: FoundPlace, right: FoundPlace) -> Bool {
      (left.address, left.pattern) < (right.address, right.pattern)
    }
  }

  private struct Places: FindingSink {
    var list: [FoundPlace] = []

    mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
      list.append(FoundPlace(address: finding.address.rawValue, pattern: finding.pattern))
      return true
    }
  }

  private static let page = 4096

  /// A reference for each pattern, in the order of the list.
  private static let references: [any ScanReference] = Patterns.all.compactMap { pattern in
    switch pattern.name {
    case "ipv4-port": IPv4PortReference()
    case "sockaddr": SocketAddressReference()
    case "ipv4": IPv4Reference()
    case "ipv6-port": IPv6PortReference()
    case "host-port": HostPortReference()
    case "url": URLReference()
    case "email": EmailReference()
    case "uuid": UUIDReference()
    default: nil
    }
  }

  /// Texts of every pattern and some that are near misses. Their lengths are multiples of 4 with what is put between them, so
  /// that structures stay aligned.
  private static let texts: [[UInt8]] =
    [
      "10.1.2.3:8080", "256.1.2.3:80", "[2001:db8::1]:443", "[1::2::3]:4", "db.example.org:5432", "a..b:80",
      "https://example.org/a/(path)?query=1", "someone@example.org", "a@b.c1", "123e4567-e89b-12d3-a456-426614174000",
      "/run/x.sock", "1.2.3.4:5.6.7.8:90",
    ].map { Array($0.utf8) } + [
      [2, 0, 0, 80, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0],
      [10, 0, 1, 187, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
      [1, 0] + Array("/run/nginx.sock".utf8) + [0],
    ]

  /// Pages with the letters of `--mosaic`, and bytes without a gap over all their borders; untouched pages, and some others,
  /// are zeros.
  private struct Layout {
    var letters: [Character]
    var bytes: [UInt8]

    init(seed: UInt64, letters choice: String) {
      var generator = SeededGenerator(seed: seed)
      letters = (0..<24).map { _ in choice.randomElement(using: &generator) ?? "w" }
      bytes = []
      while bytes.count < letters.count * MosaicTests.page {
        bytes += MosaicTests.texts.randomElement(using: &generator) ?? []
        let separators: [[UInt8]] = [[0], Array(" ".utf8), Array(",".utf8)]
        repeat { bytes += separators.randomElement(using: &generator) ?? [0] } while bytes.count % 4 != 0
      }
      bytes.removeLast(bytes.count - letters.count * MosaicTests.page)
      for (index, letter) in letters.enumerated() {
        let isHole = (letter == "f" || letter == "s") && Int.random(in: 0..<4, using: &generator) == 0
        guard letter == "u" || isHole else { continue }
        let start = index * MosaicTests.page
        bytes.replaceSubrange(start..<start + MosaicTests.page, with: repeatElement(0, count: MosaicTests.page))
      }
    }

    /// The stretches of pages with none of these letters among them.
    func stretches(without letters: String) -> [Range<Int>] {
      var stretches: [Range<Int>] = []
      for (index, letter) in self.letters.enumerated() where !letters.contains(letter) {
        let (start, end) = (index * MosaicTests.page, (index + 1) * MosaicTests.page)
        if let last = stretches.last, last.upperBound == start {
          stretches[stretches.count - 1] = last.lowerBound..<end
        } else {
          stretches.append(start..<end)
        }
      }
      return stretches
    }
  }

  /// What there is to be found in bytes.
  private static func expected(_ bytes: [UInt8], at address: UInt64) -> [FoundPlace] {
    references.enumerated().flatMap { index, reference in
      reference.matches(in: bytes, at: address).map {
        FoundPlace(address: address + UInt64($0.lowerBound), pattern: index)
      }
    }.sorted()
  }

  private static func places(
    _ source: any MemorySource, _ ranges: [Range<Address>]? = nil, chunk: Int = 1 << 20, threads: Int = 1
  ) throws -> [FoundPlace] {
    var places = Places()
    _ = try Scan(patterns: Patterns.all, chunk: chunk, threads: threads).run(source, ranges: ranges, into: &places)
    return places.list
  }

  private static func start(_ layout: Layout, in directory: TemporaryDirectory) throws -> FixtureProcess {
    let path = try directory.write(layout.bytes, to: "bytes")
    return try FixtureProcess("--mosaic", "\(path):\(String(layout.letters))")
  }

  @Test("All patterns have a reference") func references() { #expect(Self.references.count == Patterns.all.count) }

  @Test("Live, by any chunk and number of threads", arguments: 1...4)
  func live(seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    let layout = Layout(seed: seed, letters: "wwrrxnuffsseg")
    let fixture = try Self.start(layout, in: directory)
    let region = try fixture.region("mosaic")
    let start = region.lowerBound.rawValue
    let expected = layout.stretches(without: "eg").flatMap {
      Self.expected(Array(layout.bytes[$0]), at: start + UInt64($0.lowerBound))
    }
    #expect(expected.count > 500)
    #expect(Set(expected.map(\.pattern)).count == Patterns.all.count)
    let memory = try LiveMemory(fixture.target())
    let ranges = memory.regions.map { $0.range.clamped(to: region) }.filter { !$0.isEmpty }
    #expect(ranges.count > 3)
    for (chunk, threads) in [(1 << 20, 1), (4096, 3), (5000, 8), (64, 2)] {
      let places = try Self.places(memory, ranges, chunk: chunk, threads: threads)
      #expect(places == expected, "chunk \(chunk), threads \(threads), pages \(String(layout.letters))")
    }
  }

  @Test("In a raw dump with its manifest, and in the same bytes on a stream", arguments: 1...2)
  func dumpAndStream(seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    let layout = Layout(seed: seed, letters: "wwrrxnuffsseg")
    let fixture = try Self.start(layout, in: directory)
    let region = try fixture.region("mosaic")
    var dumped: [FoundPlace] = []
    var expected: [FoundPlace] = []
    for stretch in layout.stretches(without: "g") {
      let range = Range(start: region.lowerBound + UInt64(stretch.lowerBound), byteCount: UInt64(stretch.count))
      let path = directory.file("dump-\(stretch.lowerBound)")
      _ = try Dump(.range(range)).run(fixture.target(), to: .file(FilePath(path), replacing: false))
      dumped += try Self.places(RawDump(FilePath(path)), chunk: 5000, threads: 3)
      for known in layout.stretches(without: "eg") where stretch.contains(known.lowerBound) {
        let start = region.lowerBound + UInt64(known.lowerBound)
        expected += Self.expected(Array(layout.bytes[known]), at: start.rawValue)
      }

      // A stream has no manifest: what could not be read is zeros.
      var bytes = layout.bytes
      for (index, letter) in layout.letters.enumerated() where letter == "e" {
        bytes.replaceSubrange(
          index * Self.page..<(index + 1) * Self.page, with: repeatElement(0, count: Self.page))
      }
      let file = try FileDescriptor.open(path, .readOnly)
      defer { try? file.close() }
      let stream = StreamSource(file, path: FilePath(path), base: range.lowerBound)
      #expect(
        try Self.places(stream, chunk: 5000) == Self.expected(Array(bytes[stretch]), at: range.lowerBound.rawValue))
    }
    #expect(dumped == expected)
    #expect(expected.count > 500)
  }

  /// gdb decides what it writes, so that what is known is read from the core itself; where there are bytes they must be ours.
  @Test("In a core of gcore", .enabled(if: canDumpCore, "there is no gcore, or ptrace is not permitted here"))
  func core() throws {
    let directory = try TemporaryDirectory()
    let layout = Layout(seed: 7, letters: "wwrrxnussg")
    let fixture = try Self.start(layout, in: directory)
    let region = try fixture.region("mosaic")
    let gcore = try Child("gcore", ["-o", directory.file("core"), "\(fixture.pid)"])
    _ = try gcore.communicate(within: .seconds(120))
    let core = try CoreFile(FilePath(directory.file("core.\(fixture.pid)")))
    let ranges = core.regions.map { $0.range.clamped(to: region) }.filter { !$0.isEmpty }
    var known: [(start: Address, bytes: [UInt8])] = []
    for range in ranges {
      var address = range.lowerBound
      try core.walk(range) { run, bytes in
        defer { address = address + run.byteCount }
        if case .unread = run.content { return }
        let offset = Int(address - region.lowerBound)
        let part = run.content == .bytes ? bytes : [UInt8](repeating: 0, count: Int(run.byteCount))
        #expect(part.elementsEqual(layout.bytes[offset..<offset + part.count]))
        if let last = known.last, last.start + UInt64(last.bytes.count) == address {
          known[known.count - 1].bytes += part
        } else {
          known.append((address, part))
        }
      }
    }
    #expect(known.reduce(0) { $0 + $1.bytes.count } >= layout.letters.filter { "wrx".contains($0) }.count * Self.page)
    let expected = known.flatMap { Self.expected($0.bytes, at: $0.start.rawValue) }
    #expect(expected.count > 200)
    for (chunk, threads) in [(1 << 20, 1), (5000, 4)] {
      #expect(try Self.places(core, ranges, chunk: chunk, threads: threads) == expected)
    }
  }
}
