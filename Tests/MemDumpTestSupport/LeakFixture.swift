import Glibc

/// One of the leaks of Tests/Fixtures/leaks, or of the controls that do not leak, with the truth that stands in its source.
///
/// It ends with the value.
public final class LeakFixture {
  /// The numbers of the processes to look at.
  public let processes: [Int32]
  private let truth: [String: [String]]
  private let child: Child

  /// Starts it, and builds it before where that was not done. Waits until it is ready.
  ///
  /// - Parameters:
  ///   - name: as `start.sh --list` has it.
  ///   - isFixed: whether it is the twin that does not leak.
  public init(_ name: String, isFixed: Bool = false) throws {
    let script = String(#filePath.dropLast("MemDumpTestSupport/LeakFixture.swift".count)) + "Fixtures/leaks/start.sh"
    child = try Child(script, [name] + (isFixed ? ["--fixed"] : []))
    var (truth, processes): ([String: [String]], [Int32]) = ([:], [])
    while true {
      let words = try child.readLine(within: .seconds(600)).split(separator: " ", maxSplits: 2).map(String.init)
      switch words.first {
      case "truth" where words.count == 3: truth[words[1], default: []].append(words[2])
      case "process" where words.count == 2: processes += [Int32(words[1])].compactMap { $0 }
      case "ready":
        (self.truth, self.processes) = (truth, processes)
        return
      default: throw TestFailure("\(name): \(words)")
      }
    }
  }

  deinit {
    child.closeInput()
    _ = try? child.wait(within: .seconds(20))
  }

  /// The sizes of the chunks that grow.
  public var classes: [String] {
    (truth["kind"] ?? []).flatMap { $0.split(separator: " ").dropFirst().map(String.init) }
  }

  /// The functions that goroutines wait in, of which there are more and more.
  public var goroutines: [String] { truth["goroutine"] ?? [] }

  /// Whether a holder of this name is a true one.
  public func isHeld(by holder: String) -> Bool { truth["holder", default: []].contains { holder.hasPrefix($0) } }

  /// Whether nobody holds what grows.
  public var isHeldByNobody: Bool { truth["holder"] == ["nobody"] }

  /// Whether chunks of this kind and text are a part of what grows.
  public func holds(_ kind: String, _ text: String) -> Bool {
    truth["content", default: []].contains { line in
      let words = line.split(separator: " ", maxSplits: 1)
      return words.count == 2 && kind == words[0] && text.contains(String(words[1]))
    }
  }
}
