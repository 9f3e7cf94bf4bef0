import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

/// A dump and its manifest, as they were written and with one thing changed.
@Suite struct VerificationTests {
  private let directory: TemporaryDirectory
  private let memory: PatchyMemory

  init() throws {
    directory = try TemporaryDirectory()
    memory = try PatchyMemory(
      start: 0x10000,
      [
        .bytes([UInt8](repeating: 7, count: 0x3000)), .absent(0x4000), .bytes([UInt8](repeating: 8, count: 0x1000)),
        .unread(0x1000, .swapped), .border, .bytes([UInt8](repeating: 9, count: 0x1000)),
      ])
  }

  private func write(_ format: DumpFormat) throws {
    let contents = format == .raw ? [Range(0x10000, 0x1a000)] : [Range(0x10000, 0x19000)]
    let image = ProcessImage(regions: memory.regions, contents: contents, facts: ProcessFacts(), threads: [])
    let layout = format.layout(image)
    let writing = DumpWriting(
      layout: layout, contents: contents, source: GatheredMemory(memory), digest: CollectingDigest.self,
      control: WorkControl())
    var manifest = try #require(
      Manifest(
        parsing: Array(#"{"type":"manifest","version":1,"base":"0x10000","bytes":0,"regions":[],"holes":[]}"#.utf8)))
    (manifest.format, manifest.regions, manifest.byteCount) = (format, memory.regions, layout.byteCount)
    _ = try writing.write(to: directory["d"], replacing: true, endLook: {}) { result, _ in
      manifest.complete(with: result, contents: contents, proof: nil)
      return manifest
    }
  }

  private func verify() throws -> Verification { try Verification(directory["d"], digest: CollectingDigest.self) }

  private func failures() throws -> [String] {
    try verify().checks.filter { if case .fails = $0.outcome { true } else { false } }.map(\.name)
  }

  private func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try directory.read(name)
    body(&bytes)
    try directory.write(name, bytes)
  }

  private func changeManifest(_ old: String, _ new: String) throws {
    let text = String(decoding: try directory.read("d.json"), as: UTF8.self)
    #expect(text.contains(old))
    try directory.write("d.json", Array(text.replacing(old, with: new).utf8))
  }

  @Test(arguments: DumpFormat.allCases) func whatWasWrittenIsGood(format: DumpFormat) throws {
    try write(format)
    let verification = try verify()
    #expect(verification.isGood)
    #expect(verification.checks.map(\.name) == ["length", "regions", "holes", "sha256"])
    #expect(verification.manifest.format == format)
  }

  @Test(arguments: DumpFormat.allCases) func anyChangedByteIsSeen(format: DumpFormat) throws {
    for place in [0, 4096, -1] {
      try write(format)
      try change("d") { $0[place < 0 ? $0.count + place : place] ^= 1 }
      #expect(try !verify().isGood, "byte \(place)")
    }
  }

  @Test(arguments: DumpFormat.allCases) func anotherLengthIsSeen(format: DumpFormat) throws {
    try write(format)
    try change("d") { $0.removeLast() }
    #expect(try failures() == ["length"])
    try change("d") { $0 += [0, 0] }
    #expect(try failures() == ["length"])
  }

  @Test(arguments: DumpFormat.allCases) func aHoleThatIsNoneIsSeen(format: DumpFormat) throws {
    try write(format)
    try changeManifest(#""start":"0x13000","end":"0x17000""#, #""start":"0x12fff","end":"0x17000""#)
    let verification = try verify()
    #expect(try failures() == ["holes"])
    #expect(
      verification.checks.contains {
        $0.outcome == .fails("there are bytes at 0x12fff, where the manifest has a hole: untouched")
      })
  }

  @Test func aCoreMustHaveTheRegionsOfTheManifest() throws {
    for (old, new) in [
      (#""end":"0x19000","permissions""#, #""end":"0x18000","permissions""#),
      (#""permissions":"rw-p""#, #""permissions":"r--p""#),
    ] {
      try write(.core)
      try changeManifest(old, new)
      #expect(try failures() == ["regions"])
    }
    try write(.core)
    try change("d") { $0[4] = 1 }
    #expect(try failures() == ["regions"])
  }

  @Test func bytesOfWhatWasNotSelectedAreSeen() throws {
    try write(.core)
    try changeManifest(#""start":"0x19000","end":"0x1a000","reason""#, #""start":"0x10000","end":"0x10001","reason""#)
    #expect(try Manifest(parsing: directory.read("d.json")) == nil, "holes are in order")
    try write(.core)
    try changeManifest(#""reason":"untouched""#, #""reason":"not-selected""#)
    #expect(try failures() == ["holes"])
  }

  @Test func withoutADigestThatIsSaid() throws {
    try write(.raw)
    let digest = try #require(verify().manifest.digest)
    try changeManifest("\"\(digest)\"", "null")
    let verification = try verify()
    #expect(verification.isGood)
    #expect(verification.checks.last?.outcome == .skipped("the manifest has none; dump with --sha256 to have one"))
  }

  @Test func whatCannotBeComparedIsAnError() throws {
    try write(.raw)
    try directory.write("d.json", Array("{}".utf8))
    #expect(#expect(throws: MemDumpError.self) { try verify() }?.code == .malformed)
    Syscall.unlink(directory["d.json"])
    #expect(#expect(throws: MemDumpError.self) { try verify() }?.code == .file)
    #expect(#expect(throws: MemDumpError.self) { try Verification("/", digest: CollectingDigest.self) }?.code == .file)
  }

  @Test func itCanBeToldToStop() throws {
    try write(.raw)
    let control = WorkControl()
    control.stop()
    let error = #expect(throws: MemDumpError.self) {
      _ = try Verification(directory["d"], digest: CollectingDigest.self, control: control)
    }
    #expect(error?.code == .interrupted)
  }
}
