import SystemPackage
import Testing

@testable import MemDump

@Suite struct ManifestTests {
  private static func manifest() throws -> Manifest {
    let map = "2000-3000 rw-p 0 0:0 0 [heap]\n3000-4000 r-xs 0 fe:0 9 /usr/lib/libssl.so.3\n4000-6000 rw-p 0 0:0 0\n"
    var manifest = try #require(Manifest(parsing: Array(minimum.utf8)))
    manifest.tool = "0.1.0"
    manifest.instants = 1_700_000_000_000_000...1_700_000_000_012_345
    manifest.registers = .stop
    manifest.threadsWithoutRegisters = [try #require(ThreadID(rawValue: 5093))]
    manifest.digest = String(repeating: "ab", count: 32)
    manifest.process = 5092
    manifest.name = "ngi\\x0anx"
    manifest.commandLine = ["nginx:", "worker \"process\"", "\\x1b", ""]
    manifest.executable = "/usr/sbin/nginx"
    manifest.startTime = 4711
    manifest.takenAt = 1_700_000_000
    manifest.mode = "stop"
    manifest.pause = 12_345_678
    manifest.base = Address(0x2000)
    manifest.byteCount = 0x4000
    manifest.regions = try MapsParser.parse(Array(map.utf8)).map { region in
      // Neither is written.
      var region = region
      (region.inode, region.deviceNumber) = (0, 0)
      return region
    }
    manifest.holes = [
      Manifest.Hole(range: Range(0x2000, 0x2800), reason: "untouched", errno: nil),
      Manifest.Hole(range: Range(0x3000, 0x3001), reason: "unreadable", errno: 14),
    ]
    manifest.readLive = [Range(0x4000, 0x5000)]
    return manifest
  }

  /// The least that is a manifest.
  private static let minimum =
    #"{"type":"manifest","version":1,"base":"0x1000","bytes":4096,"regions":[],"holes":[]}"#

  @Test func readsWhatItWrote() throws {
    let manifest = try Self.manifest()
    #expect(Manifest(parsing: manifest.text) == manifest)
  }

  @Test func isOneLineOfPlainText() throws {
    let text = try Self.manifest().text
    #expect(text.last == UInt8(ascii: "\n"))
    #expect(text.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7f })
    #expect(
      text.starts(
        with: Array(#"{"type":"manifest","version":1,"format":"raw","tool":"memdump 0.1.0","pid":5092,"#.utf8)))
  }

  /// Names that others chose are written safe to print, and read as they were: a kernel writes a newline as `\012`.
  @Test(arguments: [[0x2f, 0xff, 0x1b], Array("/a\\x0ab\\012\\".utf8), Array("/a\nb".utf8)] as [[UInt8]])
  func namesOfRegionsAreEscaped(name: [UInt8]) throws {
    var manifest = try Self.manifest()
    manifest.regions[0].name = name
    #expect(manifest.text.allSatisfy { $0 == 0x0a || (0x20...0x7e).contains($0) })
    let read = try #require(Manifest(parsing: manifest.text))
    #expect(read.regions[0].name == name)
  }

  /// Older versions left a backslash as it was.
  @Test func aBackslashOfAnOldManifestStaysOne() throws {
    let text = String(decoding: try Self.manifest().text, as: UTF8.self)
    let old = text.replacing(#/"path":"[^"]*"/#, with: #""path":"/a\\012b\\c"}"#.dropLast())
    let read = try #require(Manifest(parsing: Array(old.utf8)))
    #expect(read.regions.contains { $0.name == Array(#"/a\012b\c"#.utf8) })
  }

  /// Anybody may have written it.
  @Test func whatAManifestSaysIsSafeToPrint() throws {
    var manifest = try Self.manifest()
    manifest.name = "a\u{1b}[2J\\\\"
    manifest.commandLine = ["b\u{1b}"]
    manifest.executable = "c\u{1b}"
    manifest.holes[0].reason = "d\u{1b}"
    let read = try #require(Manifest(parsing: manifest.text))
    #expect(read.name == #"a\x1b[2J\\"#)
    #expect(read.commandLine == [#"b\x1b"#])
    #expect(read.executable == #"c\x1b"#)
    #expect(read.holes[0].reason == #"d\x1b"#)
  }

  @Test func whatIsMissingHasADefault() throws {
    let manifest = try #require(Manifest(parsing: Array(Self.minimum.utf8)))
    #expect(manifest.process == 0 && manifest.name.isEmpty && manifest.commandLine.isEmpty)
    #expect(manifest.executable.isEmpty && manifest.startTime == 0 && manifest.takenAt == 0 && manifest.pause == 0)
    #expect(manifest.mode.isEmpty && manifest.readLive.isEmpty)
    #expect(manifest.base == Address(0x1000) && manifest.byteCount == 4096)
  }

  /// Nanoseconds since 1970 are above 2^53, where readers of JSON round.
  @Test func instantsAreMicrosecondsAndThoseOfOldManifestsAreRead() throws {
    let text = String(decoding: try Self.manifest().text, as: UTF8.self)
    #expect(text.contains(#""read_from_us":1700000000000000,"read_to_us":1700000000012345,"#))
    let old = Self.minimum.replacing(
      #","regions""#, with: #","read_from_ns":1700000000000000000,"read_to_ns":1700000000012345678,"regions""#)
    let read = try #require(Manifest(parsing: Array(old.utf8)))
    #expect(read.instants == 1_700_000_000_000_000...1_700_000_000_012_345)
    #expect(!String(decoding: read.text, as: UTF8.self).contains("_ns\":17"))
  }

  @Test func fieldsOfALaterTimeArePassedOver() throws {
    let text = Self.minimum.replacing("{\"type\"", with: #"{"digest":{"x":[1]},"type""#)
    #expect(Manifest(parsing: Array(text.utf8)) != nil)
  }

  @Test func standsBesideTheDump() {
    #expect(Manifest.path(of: "/tmp/leak.bin") == "/tmp/leak.bin.json")
    #expect(Manifest.path(of: "leak") == "leak.json")
  }

  /// What is replaced in the least manifest, and what by; none of it is one then.
  private static let changes: [(String, String)] = [
    ("manifest", "dump"), (#""type":"manifest","#, ""), (#""version":1"#, #""version":2"#),
    (#""version":1"#, #""version":0"#), (#""version":1"#, #""version":"1""#), (#""version":1,"#, ""),
    (#""base":"0x1000","#, ""), (#""0x1000""#, #""1000""#), (#""0x1000""#, "4096"), (#""0x1000""#, #""0x""#),
    (#""0x1000""#, #""0x10000000000000000""#), (#""0x1000""#, #""0x+1""#), (#""bytes":4096,"#, ""),
    ("4096", "-1"), ("4096", #""4096""#), ("4096", "4096.0"), ("4096", "18446744073709551616"),
    // Base and length go beyond the end of memory.
    (#""0x1000","bytes":4096"#, #""0xffffffffffffffff","bytes":1"#),
    (#""0x1000","bytes":4096"#, #""0xfffffffffffff000","bytes":4096"#),
    (#""regions":[],"#, ""), (#""regions":[]"#, #""regions":{}"#), (#","holes":[]"#, ""),
    (#""holes":[]"#, #""holes":1"#),
    ("}", ""), ("{", ""), ("}", "}}"),
    // Regions: outside of the dump, empty, backwards, overlapping, without an end.
    (#""regions":[]"#, #""regions":[{"start":"0x0","end":"0x1000"}]"#),
    (#""regions":[]"#, #""regions":[{"start":"0xfff","end":"0x1001"}]"#),
    (#""regions":[]"#, #""regions":[{"start":"0x1000","end":"0x2001"}]"#),
    (#""regions":[]"#, #""regions":[{"start":"0x2000","end":"0x3000"}]"#),
    (#""regions":[]"#, #""regions":[{"start":"0x1000","end":"0x1000"}]"#),
    (#""regions":[]"#, #""regions":[{"start":"0x1800","end":"0x1000"}]"#),
    (#""regions":[]"#, #""regions":[{"start":"0x1000"}]"#),
    (#""regions":[]"#, #""regions":[{"end":"0x2000"}]"#),
    (#""regions":[]"#, #""regions":[{"start":4096,"end":8192}]"#),
    (#""regions":[]"#, #""regions":[null]"#),
    (
      #""regions":[]"#,
      #""regions":[{"start":"0x1000","end":"0x1800"},{"start":"0x1700","end":"0x1900"}]"#
    ),
    (
      #""regions":[]"#,
      #""regions":[{"start":"0x1800","end":"0x1900"},{"start":"0x1000","end":"0x1100"}]"#
    ),
    // Holes: the same, and without a reason.
    (#""holes":[]"#, #""holes":[{"start":"0x1000","end":"0x1100"}]"#),
    (#""holes":[]"#, #""holes":[{"start":"0x1000","end":"0x1100","reason":5}]"#),
    (#""holes":[]"#, #""holes":[{"start":"0x1000","end":"0x2001","reason":"swapped"}]"#),
    (#""holes":[]"#, #""holes":[{"start":"0xfff","end":"0x1001","reason":"swapped"}]"#),
    (#""holes":[]"#, #""holes":[{"start":"0x1001","end":"0x1001","reason":"swapped"}]"#),
    (#""holes":[]"#, #""holes":["x"]"#),
    (
      #""holes":[]"#,
      #""holes":[{"start":"0x1000","end":"0x1100","reason":"a"},{"start":"0x10ff","end":"0x1200","reason":"a"}]"#
    ),
    (
      #""holes":[]"#,
      #""holes":[{"start":"0x1100","end":"0x1200","reason":"a"},{"start":"0x1000","end":"0x1100","reason":"a"}]"#
    ),
  ]

  @Test(arguments: changes.indices) func refusesWhatContradictsItself(place: Int) {
    let (old, new) = Self.changes[place]
    let text = Self.minimum.replacing(old, with: new, maxReplacements: 1)
    #expect(text != Self.minimum)
    #expect(Manifest(parsing: Array(text.utf8)) == nil, "\(text)")
  }

  @Test func takesWhatFitsExactly() {
    let fitting = [
      (#""regions":[]"#, #""regions":[{"start":"0x1000","end":"0x1800"},{"start":"0x1800","end":"0x2000"}]"#),
      (#""holes":[]"#, #""holes":[{"start":"0x1000","end":"0x2000","reason":"swapped"}]"#),
      (#""0x1000","bytes":4096"#, #""0xfffffffffffff000","bytes":4095"#),
      ("4096", "0"), ("4096", "9223372036854775807"),
    ]
    for (old, new) in fitting {
      #expect(Manifest(parsing: Array(Self.minimum.replacing(old, with: new).utf8)) != nil, "\(new)")
    }
  }

  @Test func refusesWhatIsNoManifest() {
    for text in ["", "{}", "[]", "null", "1", "x", #"{"type":"manifest"}"#] {
      #expect(Manifest(parsing: Array(text.utf8)) == nil)
    }
    #expect(Manifest(parsing: [0xff, 0xfe]) == nil)
  }

  /// The words of reasons are part of the format: readers of old dumps go by them.
  @Test func everyReasonIsReadAsItWasWritten() {
    let reasons: [UnreadReason] = [
      .failed(.badAddress), .failed(.ioError), .swapped, .notResident, .noAnswer, .device, .behindEndOfFile, .notInFile,
    ]
    for content in reasons.map(MemoryRun.Content.unread) + [.absent] {
      let gap = Stretch(range: Range(1, 2), content: content)
      #expect(Manifest.Hole(gap)?.content == content)
      #expect(Manifest.Hole(gap)?.range == gap.range)
    }
    #expect(Manifest.Hole(Stretch(range: Range(1, 2), content: .bytes)) == nil)
    #expect(
      reasons.map(\.name) == [
        "unreadable", "unreadable", "swapped", "not-resident", "no-answer", "device", "behind-end-of-file",
        "not-in-file",
      ])
    let unknown = Manifest.Hole(range: Range(1, 2), reason: "of a later version", errno: nil)
    #expect(unknown.content == .unread(.notInFile))
  }

  /// A core has regions wherever its process had some; a raw dump only those of its bytes.
  @Test func onlyARawDumpIsBoundToItsBytes() throws {
    var manifest = try Self.manifest()
    manifest.byteCount = 1
    #expect(Manifest(parsing: manifest.text) == nil)
    manifest.format = .core
    #expect(Manifest(parsing: manifest.text) == manifest)
    let unknown = String(decoding: manifest.text, as: UTF8.self).replacing(#""core""#, with: #""tape""#)
    #expect(Manifest(parsing: Array(unknown.utf8)) == nil)
  }
}
