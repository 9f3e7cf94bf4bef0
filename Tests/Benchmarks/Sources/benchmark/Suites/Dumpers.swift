import Foundation

/// Those who copy a region of a process, as contenders.
struct Dumpers {
  let workspace: Workspace
  let fixture: Fixture
  let region: Fixture.Region

  /// `memdump dump` to a file. Its budget is large enough for any pause to be measured in full.
  func memdump(_ name: String, mode: String, file: String) -> Contender {
    writer(name, memdumpCommand(mode, file), file: file)
  }

  /// `memdump dump -o -` to /dev/null.
  func memdumpToNull(_ name: String, mode: String) -> Contender {
    var contender = writer(name, memdumpCommand(mode, "-"), file: nil)
    contender.output = .discarded
    return contender
  }

  private func memdumpCommand(_ mode: String, _ file: String) -> [String] {
    let budget = mode != "live" ? ["--max-pause", "30s"] : []
    return [
      workspace.memdump, "dump", "\(fixture.id)", "--region", region.range, "--mode", mode, "--output", file, "--json",
    ] + budget
  }

  /// `memdump dump -o -` to a pipe, which somebody empties who does nothing else.
  func memdumpToPipe(_ name: String, mode: String) -> Contender {
    let command = memdumpCommand(mode, "-").joined(separator: " ") + " | \(workspace.yardstick) drain"
    return writer(name, ["sh", "-c", command], file: nil)
  }

  /// `dd` from /proc/PID/mem; nil is /dev/null.
  func dd(_ name: String, file: String?) -> Contender {
    let command = [
      "dd", "if=/proc/\(fixture.id)/mem", "of=\(file ?? "/dev/null")", "bs=1M", "iflag=skip_bytes,count_bytes",
      "skip=\(region.start)", "count=\(region.byteCount)", "status=none",
    ]
    return writer(name, command, file: file)
  }

  /// gdb, attached for the time of the copy.
  func gdb(_ name: String, file: String) -> Contender {
    let dump = "dump binary memory \(file) \(region.startText) \(region.endText)"
    return writer(name, ["gdb", "-nx", "-batch", "-p", "\(fixture.id)", "-ex", dump], file: file)
  }

  /// gcore: all of the process, as a core file.
  func gcore(_ name: String, file: String) -> Contender {
    writer(name, ["gcore", "-o", file, "\(fixture.id)"], file: "\(file).\(fixture.id)")
  }

  /// What writes a file, which is checked and removed after each run.
  ///
  /// Nothing older waits to be written to the disk when a run starts, and the process runs, even if gdb was ended
  /// before because it took too long: that leaves a process stopped.
  private func writer(_ name: String, _ command: [String], file: String?) -> Contender {
    let remove = { if let file { for path in [file, "\(file).json"] { unlink(path) } } }
    let prepare = {
      kill(fixture.id, SIGCONT)
      remove()
      sync()
    }
    return Contender(name, command, output: .counted, prepare: prepare) { child in
      guard child.exitStatus == 0 else { throw child.failure }
      try fixture.checkRuns()
      guard let file else { return Measurement(child) }
      defer { remove() }
      var attributes = stat()
      guard stat(file, &attributes) == 0, UInt64(attributes.st_size) >= region.byteCount else {
        throw Failure("\(file) is not whole")
      }
      return Measurement(child, result: sizeText(UInt64(attributes.st_blocks) * 512) + " used")
    }
  }
}
