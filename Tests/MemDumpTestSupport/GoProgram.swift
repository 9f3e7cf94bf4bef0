import Glibc
import Synchronization

/// The program of Tests/Fixtures/go-program, built with the Go that is installed, which knows its own goroutines and objects.
///
/// It ends with the value.
public final class GoProgram {
  /// How the program is built.
  public enum Build: String, CaseIterable, Sendable {
    case plain
    /// Without symbols and debug information.
    case stripped
    /// So that it can be loaded anywhere.
    case pie
    /// With C in it, so that malloc has a heap beside.
    case cgo
    /// Without a package that makes profiles.
    case quiet

    var words: [String] {
      switch self {
      case .plain: []
      case .stripped: ["-ldflags", "-s -w"]
      case .pie: ["-buildmode=pie", "-ldflags", "-s -w"]
      case .cgo: ["-tags", "withcgo"]
      case .quiet: ["-tags", "quiet"]
      }
    }
  }

  /// The counts that the runtime has of itself (`runtime.MemStats`).
  public struct Memory: Sendable {
    /// The objects, their bytes, and those of the spans they lie in, and of spans of stacks.
    public var (objects, bytes, spans, stacks): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// The bytes of pages that no span has, and of those of them that were given back to the system.
    public var (idle, released): (UInt64, UInt64) = (0, 0)
    /// The objects of each size class.
    public var classes: [UInt64: UInt64] = [:]
  }

  /// The number of the process.
  public var pid: Int32 { child.id }
  /// What the runtime said of its memory right before the program was ready.
  public private(set) var memory = Memory()

  private let child: Child
  private static let built = Mutex<(directory: TemporaryDirectory?, paths: [Build: String])>((nil, [:]))

  /// Starts the program, and builds it before where that was not done. Waits until it is ready.
  public init(_ build: Build = .plain) throws {
    child = try Child("/bin/sh", ["-c", "exec '\(try Self.path(build))' 2>&1"])
    while true {
      let line = try child.readLine()
      if line == "ready" { return }
      memory = Self.memory(line)
    }
  }

  deinit { child.closeInput() }

  /// The path of the program.
  public static func path(_ build: Build) throws -> String {
    try built.withLock { built in
      if let path = built.paths[build] { return path }
      let directory = try built.directory ?? TemporaryDirectory()
      built.directory = directory
      let source = String(#filePath.dropLast("MemDumpTestSupport/GoProgram.swift".count)) + "Fixtures/go-program"
      let path = directory.file("go-\(build.rawValue)")
      // What was compiled once is kept for the next run of the tests.
      let environment = [
        "GOCACHE": Programs.path("go-cache"), "GO111MODULE": "off", "GOFLAGS": "", "GOTOOLCHAIN": "local",
      ]
      let compiler = try Child(
        "go", ["build", "-o", path] + build.words + ["."], environment: environment, directory: source)
      let (_, errors) = try compiler.communicate(within: .seconds(600))
      guard try compiler.wait() == .status(0) else {
        throw TestFailure("go build: \(String(decoding: errors, as: UTF8.self))")
      }
      built.paths[build] = path
      return path
    }
  }

  /// Has the program do something, and waits until that is done.
  public func ask(_ line: String) throws {
    child.send(Array((line + "\n").utf8))
    let answer = try child.readLine()
    guard line.hasPrefix(answer) else { throw TestFailure("\(line): \(answer)") }
  }

  /// `objects 1 bytes 2 spans 3 stacks 4 16:5 32:6`
  private static func memory(_ line: String) -> Memory {
    let words = line.split(separator: " ")
    var memory = Memory()
    for (word, next) in zip(words, words.dropFirst()) {
      guard let number = UInt64(next) else { continue }
      switch word {
      case "objects": memory.objects = number
      case "bytes": memory.bytes = number
      case "spans": memory.spans = number
      case "stacks": memory.stacks = number
      case "idle": memory.idle = number
      case "released": memory.released = number
      default: break
      }
    }
    for word in words {
      let parts = word.split(separator: ":").compactMap { UInt64($0) }
      if parts.count == 2 { memory.classes[parts[0]] = parts[1] }
    }
    return memory
  }
}

/// Whether programs of Go can be built here.
public let hasGo = has("go")
