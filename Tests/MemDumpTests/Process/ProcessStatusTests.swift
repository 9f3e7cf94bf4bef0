import Testing

@testable import MemDump

@Suite struct ProcessStatusTests {
  /// As Linux 6.18 wrote it, of an nginx worker; lines that no one reads left out.
  private static let captured = """
    Name:\tnginx
    Umask:\t0022
    State:\tS (sleeping)
    Tgid:\t5092
    Ngid:\t0
    Pid:\t5092
    PPid:\t5091
    TracerPid:\t77
    Uid:\t33\t34\t35\t36
    Gid:\t133\t134\t135\t136
    FDSize:\t256
    Groups:\t33\u{20}
    Kthread:\t0
    VmPeak:\t    3060 kB
    VmRSS:\t   54000 kB
    RssAnon:\t   50000 kB
    RssFile:\t    3000 kB
    RssShmem:\t    1000 kB
    VmPTE:\t     148 kB
    VmSwap:\t      12 kB
    Threads:\t3
    SigQ:\t1/96365
    CapInh:\t0000000000000000
    CapPrm:\t000001fffeffffff
    CapEff:\t0000000000080000
    NoNewPrivs:\t0
    Seccomp:\t2
    Seccomp_filters:\t1
    Cpus_allowed_list:\t0-1

    """

  private static func status(_ text: String) -> ProcessStatus { ProcessStatus(parsing: Array(text.utf8)) }

  @Test func readsWhatAKernelWrote() {
    let status = Self.status(Self.captured)
    #expect(status.name == Array("nginx".utf8))
    #expect(status.state == .sleeping)
    #expect(status.threadGroup == 5092)
    #expect(status.parent == 5091)
    #expect(status.tracer == 77)
    #expect(status.userIDs == [33, 34, 35, 36])
    #expect(status.groupIDs == [133, 134, 135, 136])
    #expect(status.threadCount == 3)
    #expect(status.seccomp == 2)
    #expect(status.permittedCapabilities == 0x1ff_feff_ffff)
    #expect(status.effectiveCapabilities == 0x80000)
    #expect(
      status.footprint
        == Footprint(
          resident: 54000 << 10, anonymous: 50000 << 10, file: 3000 << 10, shared: 1000 << 10, swap: 12 << 10,
          pageTables: 148 << 10))
  }

  @Test func aProcessWithoutMemoryHasNoFootprint() {
    let status = Self.status("Name:\tkthreadd\nState:\tI (idle)\nTgid:\t2\nVmSwap:\t0 kB\n")
    #expect(status.footprint == nil)
    #expect(status.state == .idle)
  }

  @Test func whatIsMissingCountsAsNothing() {
    for text in ["", "\n", "x", ":", "Name", "Uid", "Uid:", "State:", "Tgid:\tx\nPPid:\t\n", "\0\0\0"] {
      let status = Self.status(text)
      #expect(status.name.isEmpty && status.state == nil && status.userIDs.isEmpty && status.groupIDs.isEmpty)
      #expect(status.threadGroup == 0 && status.parent == 0 && status.tracer == 0 && status.threadCount == 0)
      #expect(status.seccomp == 0 && status.permittedCapabilities == 0 && status.effectiveCapabilities == 0)
      #expect(status.footprint == nil)
    }
  }

  @Test(
    arguments: [
      ("R (running)", .running), ("S (sleeping)", .sleeping), ("D (disk sleep)", .uninterruptible),
      ("T (stopped)", .stopped), ("t (tracing stop)", .tracingStop), ("Z (zombie)", .zombie), ("X (dead)", .dead),
      ("I (idle)", .idle), ("P (parked)", .parked), ("W (waking)", nil), ("", nil), ("é", nil),
    ] as [(String, ProcessStatus.State?)]) func theLetterTellsTheState(text: String, state: ProcessStatus.State?)
  {
    #expect(Self.status("State:\t\(text)\n").state == state)
  }

  /// The name is the process's to choose: any 15 bytes. The kernel writes a newline as `\n` and a backslash as `\\`.
  @Test(arguments: [
    ("a b", "a b"), ("a)", "a)"), (") R 1 (", ") R 1 ("), ("a:b", "a:b"), ("Uid:\t0", "Uid:\t0"), ("a\\nb", "a\nb"),
    ("a\\\\b", "a\\b"), ("a\\\\nb", "a\\nb"), ("\\\\\\n", "\\\n"), ("a\\", "a\\"), ("a\\x", "ax"), ("", ""),
    ("\u{1b}[31mx", "\u{1b}[31mx"), ("a ", "a "), ("a\t", "a\t"), ("a\0b", "a\0b"), ("a\rb", "a\rb"),
  ]) func namesMayHoldAnything(written: String, name: String) {
    let status = Self.status("Name:\t\(written)\nPPid:\t5\n")
    #expect(status.name == Array(name.utf8))
    #expect(status.parent == 5)
    #expect(status.userIDs.isEmpty)
  }

  /// A name that starts with blanks is another name than the one without them.
  @Test(arguments: [" x", "  x", "\tx", "\t", "   ", " \t x "]) func namesMayStartWithBlanks(name: String) {
    #expect(Self.status("Name:\t\(name)\n").name == Array(name.utf8))
  }

  @Test func namesMayBeNoUTF8() {
    let bytes = Array("Name:\t".utf8) + [0xff, 0x80, 0xc3] + Array("\nPPid:\t5\n".utf8)
    let status = ProcessStatus(parsing: bytes)
    #expect(status.name == [0xff, 0x80, 0xc3])
    #expect(status.parent == 5)
  }

  /// The kernel counts pages of hugetlbfs apart: a process of 2 GiB of them has an RSS of some MiB.
  @Test func hugePagesAreResident() {
    #expect(Self.status("VmRSS:\t 1024 kB\nHugetlbPages:\t 4096 kB\n").footprint?.resident == 5 << 20)
    let most = Self.status("VmRSS:\t18014398509481983 kB\nHugetlbPages:\t 4096 kB\n")
    #expect(most.footprint?.resident == .max)
  }

  @Test func numbersThatDoNotFitEndAtTheirLimit() {
    let status = Self.status(
      """
      Tgid:\t2147483648
      PPid:\t18446744073709551615
      TracerPid:\t18446744073709551616
      Uid:\t4294967295\t4294967296\t18446744073709551615\t0
      Threads:\t18446744073709551615
      Seccomp:\t9223372036854775808
      CapPrm:\tffffffffffffffff
      CapEff:\t10000000000000000
      VmRSS:\t18446744073709551615 kB
      VmSwap:\t18014398509481984 kB
      VmPTE:\t18014398509481983 kB
      """)
    #expect(status.threadGroup == .max)
    #expect(status.parent == .max)
    #expect(status.tracer == 0)
    #expect(status.userIDs == [.max, .max, .max, 0])
    #expect(status.threadCount == .max)
    #expect(status.seccomp == .max)
    #expect(status.permittedCapabilities == .max)
    #expect(status.effectiveCapabilities == 0)
    #expect(status.footprint == Footprint(resident: .max, swap: .max, pageTables: .max - 1023))
  }

  @Test func negativeNumbersCountAsNothing() {
    let status = Self.status("PPid:\t-1\nUid:\t-1\t0\nThreads:\t-5\n")
    #expect(status.parent == 0 && status.userIDs.isEmpty && status.threadCount == 0)
  }

  @Test(arguments: 1...4) func neverTrapsOnBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let source = Array(Self.captured.utf8)
    for _ in 0..<150 {
      var bytes = Array(source[0..<Int.random(in: 0...source.count, using: &generator)])
      for _ in 0..<Int.random(in: 0...20, using: &generator) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let status = ProcessStatus(parsing: bytes)
      #expect(status.parent >= 0 && status.threadCount >= 0 && status.name.count <= bytes.count)
    }
  }
}
