import Glibc

/// Swap space for as long as the value lives.
public final class SwapFile {
  private let directory: TemporaryDirectory
  private var path: String { directory.file("swap") }

  /// Whether swap space can be had here.
  public static let isAvailable = isRoot && Programs.find("mkswap") != nil && (try? SwapFile()) != nil

  /// Makes a file of 64 MiB and swaps to it.
  public init() throws {
    directory = try TemporaryDirectory()
    try directory.write([UInt8](repeating: 0, count: 64 << 20), to: "swap")
    let command = try Child("sh", ["-c", "mkswap '\(directory.file("swap"))' && swapon '\(directory.file("swap"))'"])
    _ = try child(command)
  }

  private func child(_ command: Child) throws {
    _ = try command.communicate(within: .seconds(30))
    guard try command.wait() == .status(0) else { throw TestFailure("no swap space") }
  }

  deinit { try? child(Child("swapoff", [path])) }
}
