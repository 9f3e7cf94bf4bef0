import Glibc
import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

/// The footprint of real processes, against what the kernel and the processes themselves say.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here")) struct FootprintTests {
  private func footprint(
    _ process: FixtureProcess, _ change: (inout ProcessFootprint.Options) -> Void = { _ in }
  ) throws -> ProcessFootprint {
    var options = ProcessFootprint.Options()
    change(&options)
    return try ProcessFootprint(of: process.target(), options)
  }

  /// The resident bytes by smaps_rollup.
  private func rollup(_ pid: Int32) throws -> UInt64 {
    let text = try #require(fileText("/proc/\(pid)/smaps_rollup"))
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Rss:") })
    return try #require(UInt64(line.split(separator: " ")[1])) << 10
  }

  @Test(arguments: [true, false]) func theSumIsThatOfTheKernel(walks: Bool) throws {
    let process = try FixtureProcess("--heap", "8M", "--memfd", "--known", "--fill", "4M", "--untouched", "64M")
    let footprint = try footprint(process) { $0.walksHeaps = walks }
    #expect(footprint.difference == 0)
    #expect(footprint.total.resident == (try rollup(process.pid)))
    var sum = MemoryAmount()
    for row in footprint.rows { sum += row.amount }
    #expect(sum == footprint.total)
    #expect(footprint.accounts.count == (walks ? 1 : 0))
    for account in footprint.accounts {
      let row = footprint.rows.first { $0.use.category == .heap && $0.use.owner == account.allocator.title }
      #expect(row?.amount.resident == account.parts.sum)
      #expect(account.parts.used >= 8 << 20)
    }
  }

  /// A look at where memory is changes nothing of it.
  @Test func noPageIsTouched() throws {
    let process = try FixtureProcess("--heap", "2M", "--untouched", "64M", "--memfd")
    _ = try footprint(process)
    let before = try process.target().status().footprint
    for _ in 0..<3 { _ = try footprint(process) }
    let after = try process.target().status().footprint
    #expect(before == after)
  }

  @Test func aProcessThatHasEndedIsAnError() throws {
    let process = try FixtureProcess()
    let target = try process.target()
    kill(process.pid, SIGKILL)
    try #require(waitUntil { fileText("/proc/\(process.pid)/maps")?.isEmpty ?? true })
    #expect(throws: MemDumpError.self) { _ = try ProcessFootprint(of: target) }
  }

  /// One that ends in the middle gives an error or a whole answer, and never a part of one.
  @Test func aProcessThatEndsMeanwhileIsAnErrorOrWhole() throws {
    for delay in 0..<12 {
      let process = try FixtureProcess("--heap", "2M")
      let target = try process.target()
      let pid = process.pid
      let killer = InBackground {
        usleep(UInt32(delay * 3000))
        kill(pid, SIGKILL)
      }
      switch Self.result(target) {
      case .success(let footprint): #expect(footprint.total.resident > 2 << 20)
      case .failure(let error):
        #expect([.processEnded, .noSuchProcess, .accessDenied].contains(error.code), "\(error)")
      }
      killer.join()
    }
  }

  private static func result(_ target: TargetProcess) -> Result<ProcessFootprint, MemDumpError> {
    do throws(MemDumpError) { return .success(try ProcessFootprint(of: target)) } catch { return .failure(error) }
  }

  @Test func sharedMemoryOfAGroupCountsOnce() throws {
    let process = try Child(
      "python3",
      [
        "-c",
        """
        import mmap, os, sys, time
        memory = mmap.mmap(-1, 8 << 20)
        for place in range(0, 6 << 20, 4096): memory[place] = 1
        children = []
        for part in range(3):
          child = os.fork()
          if child == 0:
            for place in range(part << 20, 7 << 20, 4096): memory[place]
            os.write(1, b"in\\n"); time.sleep(100); os._exit(0)
          children.append(child)
        os.write(1, (" ".join(map(str, children)) + "\\n").encode())
        time.sleep(100)
        """,
      ])
    var words: [String] = []
    var ready = 0
    while words.isEmpty || ready < 3 {
      let line = try process.readLine()
      if line == "in" { ready += 1 } else { words = line.split(separator: " ").map(String.init) }
    }
    let ids = try ([process.id] + words.compactMap { Int32($0) }).map { try #require(ProcessID(rawValue: $0)) }
    defer { for id in ids.dropFirst() { kill(id.rawValue, SIGKILL) } }
    var options = ProcessFootprint.Options()
    (options.keepsShared, options.walksHeaps) = (true, false)
    let group = GroupFootprint(try ids.map { try ProcessFootprint(of: TargetProcess($0), options) })
    let shared = try #require(group.shared.first)
    #expect(shared.processes.count == 4)
    #expect(shared.resident == 7 << 20)
    #expect(shared.sum > 20 << 20)
    #expect(group.rows.first { $0.use.category == .shared }?.amount.resident ?? 0 < 8 << 20)
    #expect(group.total.resident == group.rows.reduce(0) { $0 + $1.amount.resident })
    #expect(group.sum - group.total.resident == shared.sum - shared.resident)
  }

  /// What is a core of a process has its heap and its stacks, and no more than the file holds.
  @Test func aCoreIsShownWithWhatItHolds() throws {
    let directory = try TemporaryDirectory()
    let process = try FixtureProcess("--heap", "4M")
    let path = directory.file("core")
    _ = try Dump(.all(nil, includingDontDump: false), mode: .stop, budget: .seconds(10)).run(
      process.target(), to: .file(FilePath(path), replacing: true))
    let footprint = try ProcessFootprint(of: MemoryFile.open(FilePath(path), base: nil))
    #expect(footprint.kernelSum == nil && footprint.process == nil)
    #expect(footprint.accounts.first?.parts.used ?? 0 >= 4 << 20)
    #expect(footprint.rows.contains { $0.use.category == .stack })
    #expect(footprint.total.resident == footprint.rows.reduce(0) { $0 + $1.amount.resident })
  }
}
