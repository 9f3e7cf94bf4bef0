import Synchronization

/// Builds of the fixtures that are C, with other compilers and C libraries than those of the package.
public enum FixtureBuild {
  /// Builds a fixture; the program lives as long as the tests.
  ///
  /// - Parameters:
  ///   - fixture: the name of its folder.
  ///   - compiler: the compiler, as it is called.
  ///   - options: what else the compiler is given, such as `-static`.
  public static func path(of fixture: String, by compiler: String, _ options: [String]) throws -> String {
    try builds.withLock { builds in
      let key = ([fixture, compiler] + options).joined(separator: " ")
      if let path = builds.paths[key] { return path }
      let directory = try builds.directory ?? TemporaryDirectory()
      builds.directory = directory
      let sources = String(#filePath.dropLast("MemDumpTestSupport/FixtureBuild.swift".count)) + "Fixtures/\(fixture)/"
      let files = fileNames(in: sources).filter { $0.hasSuffix(".c") }.map { sources + $0 }
      let path = directory.file("\(fixture)-\(builds.paths.count)")
      let build = try Child(compiler, ["-std=gnu11", "-o", path] + options + files + ["-lpthread"])
      let (_, errors) = try build.communicate(within: .seconds(120))
      guard try build.wait() == .status(0) else { throw TestFailure(String(decoding: errors, as: UTF8.self)) }
      builds.paths[key] = path
      return path
    }
  }

  private struct Builds: Sendable {
    var directory: TemporaryDirectory?
    var paths: [String: String] = [:]
  }

  private static let builds = Mutex(Builds())
}
