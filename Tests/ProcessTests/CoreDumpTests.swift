import MemDump
import MemDumpTestSupport
import SystemPackage
import Testing

extension Stopping {
  /// Cores made by the library: which memory, whose registers, and what the process takes up before and after.
  @Suite("A core of a process")
  struct CoreDumpTests {
    private static let all = Dump.Selection.all(nil, includingDontDump: false)

    private func dump(
      _ fixture: FixtureProcess, _ mode: LookMode, _ selection: Dump.Selection = all, to path: String,
      readsSwap: Bool = false
    ) throws -> Dump.Summary {
      var dump = Dump(selection, mode: mode, budget: Stopping.budget)
      dump.readsSwap = readsSwap
      return try dump.run(fixture.target(), to: .file(FilePath(path), replacing: true))
    }

    @Test(
      "Every thread of a stopped process has its registers, the main thread first",
      arguments: canSnapshot ? [LookMode.stop, .snapshot] : [.stop])
    func registers(mode: LookMode) throws {
      let fixture = try FixtureProcess("--threads", "4", "--self-check", "2")
      let directory = try TemporaryDirectory()
      let summary = try dump(fixture, mode, to: directory.file("c"))
      #expect(summary.proof.isVerified)
      let threads = try #require(summary.registers)
      #expect(Set(threads.map(\.thread.rawValue)) == Set(threadStates(fixture.pid).keys))
      #expect(threads.first?.thread == fixture.id)
      #expect(summary.registerCount == 7 && summary.missingRegisterCount == 0)
      // NT_PRSTATUS and NT_FPREGSET, whatever else the processor has.
      #expect(threads.allSatisfy { $0.notes.prefix(2).map(\.type) == [1, 2] })
      #if arch(x86_64)
        let code = try LiveMemory(fixture.target()).regions.filter { $0.permissions.contains(.execute) }
        for thread in threads {
          let registers = thread.notes[0].bytes
          let counter = registers[128..<136].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
          #expect(code.contains { $0.range.contains(Address(counter)) })
        }
      #endif
      #expect(try fixture.complaints().isEmpty)
      #expect(try fixture.count("check", 1) == 0)
    }

    @Test("A process that runs has no registers to show, and that is said")
    func live() throws {
      let fixture = try FixtureProcess("--threads", "2", "--known")
      let directory = try TemporaryDirectory()
      let summary = try dump(fixture, .live, to: directory.file("c"))
      #expect(summary.registers == nil)
      let manifest = try #require(Manifest(parsing: fileBytes(directory.file("c.json")) ?? []))
      #expect(manifest.registers == .none && manifest.pause == 0)
      #expect(manifest.instants.lowerBound > 0)
    }

    @Test("A thread that cannot be stopped has no registers, and the others have theirs")
    func sleeper() throws {
      let fixture = try FixtureProcess("--threads", "2", "--vfork")
      let directory = try TemporaryDirectory()
      let summary = try dump(fixture, .stop, to: directory.file("c"))
      #expect(summary.missingRegisterCount == 1)
      #expect(summary.registerCount == 3)
      let manifest = try #require(Manifest(parsing: fileBytes(directory.file("c.json")) ?? []))
      #expect(manifest.threadsWithoutRegisters.map(\.rawValue) == [try fixture.number("vfork")])
      #expect(manifest.registers == .stop)
    }

    @Test("Ten thousand threads have their registers")
    func manyThreads() throws {
      let fixture = try FixtureProcess("--sleepers", "10000")
      let directory = try TemporaryDirectory()
      let summary = try Stopping.patiently {
        try dump(fixture, .stop, .regions([.kind(.stack)]), to: directory.file("c"))
      }
      #expect(summary.registerCount == 10_001)
      #expect(stoppedThreadCount(fixture.pid) == 0)
    }

    @Test("Memory that is to be in no core is in none, unless asked for", arguments: [false, true])
    func dontDump(asked: Bool) throws {
      let fixture = try FixtureProcess("--dontdump", "--known")
      let directory = try TemporaryDirectory()
      let region = try fixture.region("dontdump")
      _ = try dump(fixture, .live, .all(nil, includingDontDump: asked), to: directory.file("c"))
      let core = try CoreFile(FilePath(directory.file("c")))
      let contents = try core.contents(region)
      #expect(contents.runs == [MemoryRun(asked ? .bytes : .unread(.notInFile), region.byteCount)])
      if asked { #expect(contents.bytes == (0..<4).flatMap { FixtureContent.page(10, $0) }) }
      #expect(try core.contents(fixture.region("known")).bytes == FixtureContent.known)
    }

    @Test("The code that the kernel maps into every process is whole, and nothing of it is faulted in")
    func virtualSharedObject() throws {
      let fixture = try FixtureProcess("--known")
      let before = statusSize(fixture.pid, "VmRSS")
      let memory = try LiveMemory(fixture.target())
      let region = try #require(memory.regions.first { $0.label == "[vdso]" })
      let contents = try memory.contents(region.range)
      #expect(contents.runs.allSatisfy { $0.content == .bytes })
      #expect(statusSize(fixture.pid, "VmRSS") == before)
      let file = try FileDescriptor.open("/proc/\(fixture.pid)/mem", .readOnly)
      defer { try? file.close() }
      var bytes = [UInt8](repeating: 0, count: Int(region.byteCount))
      let count = try bytes.withUnsafeMutableBytes {
        try file.read(fromAbsoluteOffset: Int64(region.range.lowerBound.rawValue), into: $0)
      }
      #expect(count == bytes.count && contents.bytes == bytes)
    }

    @Test(
      "A core of 64 GiB that nobody has touched changes nothing in the process", arguments: [LookMode.live, .stop])
    func footprint(mode: LookMode) throws {
      let fixture = try FixtureProcess("--untouched", "64G", "--shared", "--file")
      let directory = try TemporaryDirectory()
      let sizes = ["VmRSS", "VmPTE", "VmSwap", "RssAnon", "RssFile", "RssShmem"]
      let before = sizes.map { statusSize(fixture.pid, $0) }
      let summary = try dump(
        fixture, mode, .all(CoreFilter(rawValue: 0x7f), includingDontDump: true), to: directory.file("c"))
      #expect(sizes.map { statusSize(fixture.pid, $0) } == before)
      #expect(summary.proof.before.footprint == summary.proof.after.witness?.footprint)
      #expect(summary.fileByteCount > 64 << 30)
      #expect(bytesOnDisk(directory.file("c")) < 200 << 20)
      let page = try fixture.region("untouched").lowerBound + 1000 * 4096
      #expect(try CoreFile(FilePath(directory.file("c"))).contents(page..<(page + 3)).bytes == Array("hit".utf8))
    }

    @Test(
      "What is swapped out stays so unless asked for", .enabled(if: SwapFile.isAvailable, "no swap space can be had"),
      arguments: [LookMode.live, .stop])
    func swap(mode: LookMode) throws {
      let space = try SwapFile()
      let fixture = try FixtureProcess("--swapped", "4M")
      let region = try fixture.region("swapped")
      let swapped = try #require(statusSize(fixture.pid, "VmSwap"))
      #expect(swapped >= 4096 / 2, "most of it should have been swapped out: \(swapped) KiB")
      let directory = try TemporaryDirectory()
      let left = try dump(fixture, mode, to: directory.file("left"))
      #expect(statusSize(fixture.pid, "VmSwap") == swapped)
      let swappedHoles = left.holes.filter { $0.reason == "swapped" }
      #expect(swappedHoles.reduce(0) { $0 + $1.range.byteCount } == UInt64(swapped) << 10)
      let read = try dump(fixture, mode, to: directory.file("read"), readsSwap: true)
      #expect(!read.holes.contains { $0.reason == "swapped" })
      let filler = (0..<4 << 20).map { FixtureContent.filler($0) }
      #expect(try CoreFile(FilePath(directory.file("read"))).contents(region).bytes == filler)
      withExtendedLifetime(space) {}
    }
  }
}
