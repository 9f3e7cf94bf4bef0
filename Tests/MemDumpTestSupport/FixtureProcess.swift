import Glibc
public import MemDump

/// The process that tests look at, stop and dump: `target-process`, whose source documents its options and commands.
public final class FixtureProcess {
  /// Its number.
  public var pid: Int32 { child.id }
  /// Its number, as the library has it.
  public let id: ProcessID
  private let child: Child
  private var things: [String: [String]] = [:]

  /// Starts it with options and waits until it is ready.
  ///
  /// - Parameters:
  ///   - program: another copy of it.
  ///   - user: who it runs as.
  ///   - limit: the group it is in from the start, so that all of its memory counts there.
  public init(
    _ options: [String], program: String? = nil, user: UInt32? = nil, limit: ResourceLimit? = nil
  ) throws {
    var words = try Programs.words("target-process", ["--spawned-by-thread"] + options, user: user)
    if let program, let index = words.firstIndex(where: { $0.hasSuffix("/target-process") }) { words[index] = program }
    if let limit { words = limit.words(words) }
    child = try Child(words[0], Array(words.dropFirst()))
    guard let id = ProcessID(rawValue: child.id) else { throw TestFailure("no process") }
    self.id = id
    try readThings()
  }

  /// Starts it with options and waits until it is ready.
  public convenience init(_ options: String...) throws { try self.init(options) }

  private func readThings() throws {
    while true {
      let words = try child.readLine(within: .seconds(120)).split(separator: " ").map(String.init)
      if words == ["ready"] { return }
      if let name = words.first { things[name] = Array(words.dropFirst()) }
    }
  }

  /// What the library opens of it.
  public func target() throws -> TargetProcess { try TargetProcess(id) }

  /// The words that it printed after a name.
  public func words(_ name: String) throws -> [String] {
    guard let words = things[name] else { throw TestFailure("target-process has printed no \(name)") }
    return words
  }

  /// The region of a name: address and size are the first two words.
  public func region(_ name: String) throws -> Range<Address> {
    let words = try words(name)
    return Range(start: try Self.address(words[0]), byteCount: try Self.address(words[1]).rawValue)
  }

  /// A number that it printed after a name.
  public func number(_ name: String, _ index: Int = 0) throws -> Int32 {
    guard let number = Int32(try words(name)[index]) else { throw TestFailure("\(name) is no number") }
    return number
  }

  /// Gives it a command and returns the words of its answer behind the first one.
  @discardableResult
  public func ask(_ command: String, within time: Duration = .seconds(60)) throws -> [String] {
    child.send(Array((command + "\n").utf8))
    let words = try child.readLine(within: time).split(separator: " ").map(String.init)
    if words.first == "error" { throw TestFailure("\(command): \(words.joined(separator: " "))") }
    return Array(words.dropFirst())
  }

  /// The number it answers a command with.
  public func count(_ command: String, _ index: Int = 0) throws -> UInt64 {
    let words = try ask(command)
    guard index < words.count, let number = UInt64(words[index]) else { throw TestFailure("\(command): \(words)") }
    return number
  }

  /// Tells it to execute itself, and waits until it is ready again.
  public func executeItself() throws {
    child.send(Array("exec\n".utf8))
    try readThings()
  }

  /// Sends it a signal.
  public func send(signal: Int32) { child.send(signal: signal) }

  /// Kills it and waits for its end.
  public func end() throws {
    child.send(signal: SIGKILL)
    _ = try child.wait()
  }

  /// Whether its heartbeat threads go on: two looks at their count, the second one larger, in time.
  public func beats(within time: Duration = .seconds(5)) throws -> Bool {
    let first = try count("beats")
    return try waitUntil(within: time) { try count("beats") > first }
  }

  /// What is wrong with it after somebody had it in hand: threads that stand still, a tracer, no heartbeat. Empty where
  /// it runs within the time.
  public func complaints(within time: Duration = .seconds(2)) throws -> [String] {
    var complaints: [String] = []
    if !waitUntil(within: time, { stoppedThreadCount(pid) == 0 }) {
      complaints.append("\(stoppedThreadCount(pid)) threads stand still")
    }
    if !waitUntil(within: time, { tracer(pid) == 0 }) { complaints.append("process \(tracer(pid)) traces it") }
    if complaints.isEmpty, things["threads"] != nil, try !beats() { complaints.append("no thread beats") }
    return complaints
  }

  private static func address(_ text: String) throws -> Address {
    guard text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) else {
      throw TestFailure("\(text) is no address")
    }
    return Address(number)
  }
}

/// What the fixture process writes where.
public enum FixtureContent {
  /// The byte at an offset of `--known`, where no text is.
  public static func filler(_ offset: Int) -> UInt8 { UInt8(truncatingIfNeeded: offset &* 31 &+ 7) }

  /// The whole of `--known`.
  public static let known: [UInt8] = {
    var bytes = (0..<65536).map(filler)
    let texts: [(Int, String)] = [
      (0, "10.0.0.1:8001"), (0x100, "10.1.2.3:8080"), (0x1ffa, "10.0.0.2:8002"), (0x8000, "10.1.2.3:8080"),
      (0xfff3, "10.0.0.3:8003"),
    ]
    for (offset, text) in texts { put(text, at: offset, in: &bytes) }
    return bytes
  }()

  /// Puts a text between two NULs, as far as there is room.
  public static func put(_ text: String, at offset: Int, in bytes: inout [UInt8]) {
    bytes.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
    if offset > 0 { bytes[offset - 1] = 0 }
    if offset + text.utf8.count < bytes.count { bytes[offset + text.utf8.count] = 0 }
  }

  /// A page of zeros with the text of page P of thing T at byte 16.
  public static func page(_ thing: Int, _ page: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    put("10.\(thing).0.\(page):\(1000 * thing + page)", at: 16, in: &bytes)
    return bytes
  }

  /// The first bytes of `--fill`.
  public static func fill(_ byteCount: Int) -> [UInt8] {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    while bytes.count < byteCount {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      withUnsafeBytes(of: (state | 0x8080_8080_8080_8080).littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}
