import MemDump
import MemDumpTestSupport
import Testing

/// Against programs of Debian, as they are.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here")) struct RealDaemonTests {
  @Test(.enabled(if: Programs.find("nginx") != nil, "nginx is not installed"))
  func theHeapOfAnNginxWorkerIsReadWhileItAnswers() throws {
    let nginx = try Nginx(upstreams: 200)
    let requests = Requests(port: nginx.port)
    let worker = "\(nginx.worker)"
    let directory = try TemporaryDirectory()
    for mode in ["live", "stop"] {
      let dump = try Tool.run("dump", worker, "-r", "heap", "-o", directory.file(mode), "--mode", mode)
      #expect(dump.status == 0, "\(dump.errorText)")
      let texts = try Tool.run("scan", directory.file(mode), "--top", "0").text
      for upstream in nginx.upstreams { #expect(texts.contains("  \(upstream)\n"), "\(mode)") }
    }
    let live = try Tool.run("scan", worker, "--top", "0").text
    for upstream in nginx.upstreams { #expect(live.contains("  \(upstream)\n")) }
    #expect(try Tool.run("hold", worker, "--for", "20ms").status == 0)
    let (answered, failed) = requests.end()
    #expect(failed == 0)
    #expect(answered > 0)
    #expect(stoppedThreadCount(nginx.worker) == 0)
    #expect(tracer(nginx.worker) == 0)
  }

  @Test(.enabled(if: Programs.find("gdb") != nil, "gdb is not installed"))
  func gdbDumpsTheSameBytes() throws {
    let target = try FixtureProcess("--known", "--fill", "2M")
    let directory = try TemporaryDirectory()
    for name in ["known", "fill"] {
      let region = try target.region(name)
      let range = "\(region.lowerBound) \(region.upperBound)"
      let gdb = try Child(
        "gdb",
        [
          "-q", "-nx", "-batch", "-p", "\(target.pid)", "-ex",
          "dump binary memory \(directory.file("gdb-\(name)")) \(range)",
        ])
      _ = try Tool.finish(gdb)
      let selector = "\(region.lowerBound)-\(region.upperBound)"
      #expect(try Tool.run("dump", "\(target.pid)", "-r", selector, "-o", directory.file(name)).status == 0)
      let bytes = try #require(fileBytes(directory.file("gdb-\(name)")))
      #expect(bytes.count == Int(region.byteCount))
      #expect(holds(directory.file(name), bytes))
    }
  }
}
