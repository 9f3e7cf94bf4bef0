import Foundation
import MemDumpTestSupport
import ScanReferences
import Testing

@testable import MemDump

/// Runs the seeds of the fuzz targets, and the inputs that made one fail once, through the parsers. What holds of the answers
/// is checked by the tests of each parser and by the targets themselves; here every input must have an answer.
@Suite struct FuzzReplayTests {
  private static let fuzzDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fuzz")

  private static let targets =
    ["maps", "smaps", "status", "manifest", "selector", "size", "core"] + Patterns.all.map(\.name)

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
    case "core":
      _ = CoreParser.mappedFiles(notes: bytes)
      let directory = try TemporaryDirectory()
      guard let core = try? CoreFile(directory.write("core", bytes)) else { return false }
      var list = FindingRecorder()
      _ = try Scan(patterns: [IPv4Port()]).run(core, into: &list)
      return !core.regions.isEmpty
    default: return try scan(target, bytes)
    }
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
