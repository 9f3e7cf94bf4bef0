import Testing

@testable import MemDump

/// What the facts of a host say, by what the host shows.
@Suite struct HostTests {
  private static func seen(_ fact: HostFact) -> String {
    (fact.isOffered.map { $0 ? "yes" : "no" } ?? "unknown") + (fact.finding.isEmpty ? "" : " " + fact.finding)
  }

  @Test func aKernelIsOldOrNot() {
    func seen(_ name: String, _ version: (UInt64, UInt64)) -> String {
      Self.seen(Host.kernel(Array(name.utf8), version))
    }
    #expect(seen("6.18.44-x", (6, 18)) == "yes 6.18.44-x")
    #expect(seen("5.10.0", (5, 10)) == "yes 5.10.0" && seen("5.9.16", (5, 9)) == "no 5.9.16")
    #expect(seen("", (0, 0)) == "unknown")
    #expect(seen("6.1\u{1b}[m", (6, 1)) == #"yes 6.1\x1b[m"#)
  }

  @Test func yamaAsksForACapability() {
    func seen(_ scope: Int?, _ isCapable: Bool?) -> String { Self.seen(Host.yama(scope, isCapable: isCapable)) }
    #expect(seen(nil, false) == "yes no Yama" && seen(0, false) == "yes ptrace_scope 0")
    for scope in 1...2 {
      #expect(seen(scope, false) == "no ptrace_scope \(scope)" && seen(scope, true) == "yes ptrace_scope \(scope)")
      #expect(seen(scope, nil) == "unknown ptrace_scope \(scope)")
    }
    #expect(seen(3, true) == "no ptrace_scope 3")
  }

  @Test func theModeOfLockdownStandsInBrackets() {
    func seen(_ text: String) -> String { Self.seen(Host.lockdown(Array(text.utf8))) }
    #expect(seen("[none] integrity confidentiality\n") == "yes none")
    #expect(seen("none integrity [confidentiality]\n") == "no confidentiality")
    #expect(seen("") == "unknown" && seen("none\n") == "unknown" && seen("[") == "no")
    #expect(Self.seen(Host.lockdown(nil)) == "unknown")
  }

  @Test func memoryIsWhatMachineAndLimitLeave() {
    #expect(Self.seen(Host.memory(nil, limit: nil)) == "unknown")
    #expect(Self.seen(Host.memory(1 << 30, limit: nil)) == "yes 1 GiB; no limit of a control group")
    #expect(Self.seen(Host.memory(100 << 20, limit: 164 << 20)) == "no 100 MiB; 164 MiB left by a control group")
  }

  @Test func thisHostIsAskedOnceForEachFact() {
    let host = Host()
    #expect(Set(host.facts.map(\.subject)).count == host.facts.count)
    #expect(!host.canStop || host.canRead)
  }
}
