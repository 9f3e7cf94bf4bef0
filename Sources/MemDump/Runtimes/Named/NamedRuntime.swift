/// A runtime of a language that has means of its own to tell its objects, which see more than is seen from outside.
public struct NamedRuntime: Sendable {
  /// The name in JSON, and for people.
  public let (name, title): (String, String)
  /// A sentence on what tells the objects of a process, by its number, and at what cost.
  public let advice: @Sendable (_ process: String) -> String
  /// How the file names of programs begin that are the runtime, and those of libraries that hold it.
  private let (programs, libraries): ([String], [String])

  private init(
    _ name: String, title: String, programs: [String] = [], libraries: [String] = [],
    advice: @escaping @Sendable (String) -> String
  ) {
    (self.name, self.title, self.advice) = (name, title, advice)
    (self.programs, self.libraries) = (programs, libraries)
  }

  /// Every such runtime, a line each.
  public static let all = [
    NamedRuntime(
      "hotspot", title: "HotSpot (Java)", libraries: ["libjvm.so"],
      advice: {
        "`jcmd \($0) GC.class_histogram` counts its objects by class after a full collection, during which it stands still; "
          + "with -all it makes none, and counts garbage too. Where there is no jcmd: `jattach \($0) inspectheap`"
      }),
    NamedRuntime(
      "v8", title: "V8 (Node.js)", programs: ["node"], libraries: ["libnode.so", "libv8"],
      advice: {
        "A heap snapshot of its inspector counts its objects (`kill -USR1 \($0)` opens that at port 9229, then "
          + "chrome://inspect): it stands still meanwhile, and takes about twice the heap"
      }),
    NamedRuntime(
      "ruby", title: "Ruby", programs: ["ruby"], libraries: ["libruby"],
      advice: { _ in
        "`ObjectSpace.dump_all` within the program writes its objects; from outside with rbtrace, where the program has "
          + "loaded that gem"
      }),
    NamedRuntime(
      "perl", title: "Perl", programs: ["perl"], libraries: ["libperl"],
      advice: { _ in "Devel::MAT::Dumper within the program writes its objects, for pmat" }),
    NamedRuntime(
      "erlang", title: "Erlang", programs: ["beam"],
      advice: { _ in
        "`erlang:memory()` in a remote shell (`erl -remsh NODE`) tells what processes, tables and binaries take"
      }),
    NamedRuntime(
      "dotnet", title: ".NET", libraries: ["libcoreclr.so"],
      advice: { "`dotnet-gcdump collect -p \($0)` counts its objects by type after a full collection" }),
  ]

  /// The runtimes of a process, with what tells of each. The program comes before every library in memory.
  public static func found(in regions: [MemoryRegion]) -> [(runtime: NamedRuntime, evidence: String)] {
    let files = regions.filter { $0.kind == .file && !$0.name.isEmpty }
    guard let program = files.first?.fileName else { return [] }
    let names = Set(files.filter { $0.permissions.contains(.execute) }.map(\.fileName))
    return all.compactMap { runtime in
      if runtime.programs.contains(where: { program.starts(with: $0.utf8) }) {
        return (runtime, "its program is \(EscapedText(program))")
      }
      let libraries = names.filter { name in runtime.libraries.contains { name.starts(with: $0.utf8) } }
      return libraries.min { $0.lexicographicallyPrecedes($1) }.map { (runtime, "\(EscapedText($0)) is mapped") }
    }
  }
}
