import Glibc

extension HeapBooks {
  /// The path of a library of Debian; nil where it is not installed.
  public static func library(_ name: String) -> String? {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"].map { "\($0)/\(name)" }
      .first { access($0, R_OK) == 0 }
  }

  /// Builds it with another compiler, such as musl's; the program lives as long as the tests.
  ///
  /// - Parameters:
  ///   - compiler: the compiler, as it is called.
  ///   - options: what else the compiler is given, such as `-static`.
  public static func built(by compiler: String, _ options: String...) throws -> String {
    try FixtureBuild.path(of: "heap-books", by: compiler, ["-O2"] + options)
  }
}
