import MemDump
import MemDumpTestSupport
import Testing

/// Sockets of a real process, which documents what it opens.
@Suite struct OpenConnectionsTests {
  private static func endpoint(_ text: String) throws -> Endpoint { try #require(Endpoint(parsing: text.utf8)) }

  private static func check(_ open: OpenConnections, of fixture: FixtureProcess, count: Int) throws {
    let ports = try fixture.words("connections").dropFirst(2)
    let endpoints = try zip(["127.0.0.1", "[::1]", "127.0.0.1"], ports).map { try endpoint("\($0):\($1)") }
    #expect(endpoints.map { open.count(to: $0) } == [count + 1, 1, 1])
    #expect(endpoints.map { open.isListening(at: $0) } == [true, true, false])
    #expect(open.count(to: try endpoint("10.11.12.13:1415")) == 0)
  }

  @Test func everyDescriptorWithAnotherEndCountsOnce() throws {
    let fixture = try FixtureProcess("--connections", "5")
    let open = try OpenConnections(of: fixture.target())
    try Self.check(open, of: fixture, count: 5)
    #expect(open.count == 14)
    #expect(open.endpoints.reduce(0) { $0 + open.count(to: $1) } == 14)
    #expect(open.endpoints.count == 9, "the five that it accepted have a port each")
  }

  @Test func thoseOfSeveralProcessesAreAddedUp() throws {
    let (first, second) = (try FixtureProcess("--connections", "2"), try FixtureProcess("--connections", "3"))
    var open = try OpenConnections(of: first.target())
    open.formUnion(try OpenConnections(of: second.target()))
    open.formUnion(try OpenConnections(of: first.target()))
    try Self.check(open, of: first, count: 2)
    try Self.check(open, of: second, count: 3)
    #expect(open.count == 18)
  }

  @Test func whatOthersHaveToTheSameEndpointDoesNotCount() throws {
    let fixture = try FixtureProcess("--connections", "1")
    let port = try fixture.words("connections")[2]
    let child = try Child(
      "/bin/bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port) && echo connected && read -r line"])
    #expect(try child.readLine() == "connected")
    try Self.check(try OpenConnections(of: fixture.target()), of: fixture, count: 1)
    let other = try OpenConnections(of: TargetProcess(try #require(ProcessID(rawValue: child.id))))
    #expect(other.count == 1)
    #expect(other.count(to: try Self.endpoint("127.0.0.1:\(port)")) == 1)
  }

  @Test func aProcessMayHaveNone() throws {
    let fixture = try FixtureProcess("--known")
    let open = try OpenConnections(of: fixture.target())
    #expect(open.count == 0)
    #expect(open.endpoints.isEmpty)
  }

  @Test func aProcessThatHasEndedIsAnError() throws {
    let fixture = try FixtureProcess("--connections", "1")
    let target = try fixture.target()
    try fixture.end()
    let error = #expect(throws: MemDumpError.self) { try OpenConnections(of: target) }
    #expect(error?.code == .processEnded)
  }
}
