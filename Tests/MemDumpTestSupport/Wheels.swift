import Glibc

/// What Tests/run.sh has installed of Python's package index, to have allocators as they are shipped there.
public enum Wheels {
  private static let directory =
    String(#filePath.dropLast("Tests/MemDumpTestSupport/Wheels.swift".count)) + ".build/test-wheels"

  /// The path of a file; nil where it was not installed.
  public static func find(_ name: String) -> String? {
    let path = "\(directory)/\(name)"
    return access(path, R_OK) == 0 ? path : nil
  }

  /// Starts a script of Python that can import the packages.
  public static func python(_ script: String) throws -> Child {
    try Child("python3", ["-c", script], environment: ["PYTHONPATH": directory])
  }
}
