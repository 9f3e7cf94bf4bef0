import Glibc

/// A process whose threads sleep in one system call each: `blocked-calls`, whose source documents it.
public final class BlockedCalls {
  /// Its number.
  public var pid: Int32 { child.id }
  /// How many calls there are.
  public let count: Int
  private let child: Child

  /// Starts it and waits until every thread sleeps.
  ///
  /// - Parameters:
  ///   - names: the calls; all of them where there is none.
  ///   - loops: whether a call that returns is made again.
  public init(_ names: [String] = [], loops: Bool = false) throws {
    child = try Child(Programs.path("blocked-calls"), (loops ? ["--loop"] : []) + names)
    let words = try child.readLine().split(separator: " ")
    guard words.count == 2, words[0] == "ready", let count = Int(words[1]) else { throw TestFailure("\(words)") }
    self.count = count
  }

  /// The calls that have returned although nothing happened that they wait for.
  public func early() throws -> [String] { try ask("early") }

  /// The calls there are.
  public func all() throws -> [String] { try ask("list") }

  /// Lets what they wait for happen, and tells which returned an error.
  public func wake() throws -> [String] { try ask("wake") }

  /// Sends each thread a signal with a handler: how many handlers have run, and how many calls then returned EINTR.
  public func signal() throws -> (handled: Int, interrupted: Int) {
    let numbers = try ask("signal").compactMap { Int($0) }
    guard numbers.count == 2 else { throw TestFailure("\(numbers)") }
    return (numbers[0], numbers[1])
  }

  /// Sends a command whose answer is read later.
  public func send(_ command: String) { child.send(Array((command + "\n").utf8)) }

  /// The words of the next answer behind the first one.
  public func answer() throws -> [String] { try child.readLine().split(separator: " ").dropFirst().map(String.init) }

  private func ask(_ command: String) throws -> [String] {
    send(command)
    return try answer()
  }
}
