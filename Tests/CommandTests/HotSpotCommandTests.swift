import MemDump
import MemDumpTestSupport
import Testing

/// What `heap` tells of a program of Java, beside what the runtime itself counts at a safepoint.
@Suite struct HotSpotCommandTests {
  private static let program = """
    import java.util.*;
    public class Main {
      static class Session { int id; String name; List<String> tags = new ArrayList<>(); }
      static List<Object> kept = new ArrayList<>();
      public static void main(String[] words) throws Exception {
        for (int i = 0; i < 20000; i++) {
          Session session = new Session();
          session.name = "user-" + i;
          session.tags.add("t" + i);
          kept.add(session);
        }
        for (int i = 0; i < 5; i++) kept.add(new long[200000]);
        System.out.println("ready");
        System.in.read();
      }
    }
    """

  /// The objects of a class, by the name that `jcmd` gives it.
  private static func counts(of histogram: String) -> [String: [Int64]] {
    var counts: [String: [Int64]] = [:]
    for line in histogram.split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count >= 4, words[0].hasSuffix(":"), let count = Int64(words[1]), let bytes = Int64(words[2]) else {
        continue
      }
      // Classes of several loaders may have one name.
      let before = counts[title(String(words[3])), default: [0, 0]]
      counts[title(String(words[3]))] = [before[0] + count, before[1] + bytes]
    }
    return counts
  }

  private static func histogram(of java: Child) throws -> String {
    let jcmd = try Child("jcmd", ["\(java.id)", "GC.class_histogram", "-all"])
    return String(decoding: try jcmd.communicate(within: .seconds(60)).output, as: UTF8.self)
  }

  private static let primitives = [
    "Z": "boolean", "B": "byte", "C": "char", "S": "short", "I": "int", "J": "long", "F": "float", "D": "double",
  ]

  private static func title(_ name: String) -> String {
    let depth = name.prefix { $0 == "[" }.count
    var element = String(name.dropFirst(depth))
    if depth > 0 { element = primitives[element] ?? String(element.dropFirst().dropLast()) }
    return element + String(repeating: "[]", count: depth)
  }

  @Test(
    .enabled(if: has("javac") && has("jcmd"), "there is no JDK"),
    arguments: ["-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC"])
  func theHistogramIsThatOfTheRuntime(collector: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write(Array(Self.program.utf8), to: "Main.java")
    let java = try Child("java", [collector, "-Xmx256m", directory.file("Main.java")])
    #expect(try java.readLine() == "ready")
    // What the asking itself needs is there from the first time on.
    _ = try Self.histogram(of: java)
    let result = try Tool.run("heap", "\(java.id)", "--top", "0", "--json")
    #expect(result.status == 0, "\(result.errorText)")
    let truth = Self.counts(of: try Self.histogram(of: java))
    let records = result.lines.compactMap { JSONValue(parsing: Array($0.utf8)) }
    let rows = records.filter { $0["type"]?.string == "object-type" }
    var ours: [String: [Int64]] = [:]
    for row in rows {
      #expect(row["language"]?.string == "hotspot")
      ours[row["name"]?.string ?? ""] = [row["count"]?.number ?? 0, row["bytes"]?.number ?? 0]
    }
    #expect(ours["Main$Session"]?[0] == 20000 && ours["long[]"]?[1] ?? 0 >= 8_000_000)
    // What the runtime fills gaps with is more at a safepoint, and asking makes a few objects.
    let fillers: Set = ["int[]", "jdk.internal.vm.FillerElement[]"]
    let differing = truth.keys.filter { !fillers.contains($0) && truth[$0] != ours[$0] }
    #expect(differing.count * 20 < truth.count && truth.count > 200, "\(differing.map { ($0, truth[$0], ours[$0]) })")
    let language = records.last?["languages"]?.array?.first
    #expect(language?["reason"] == .null && language?["named_thousandths"]?.number ?? 0 >= 999)
  }
}
