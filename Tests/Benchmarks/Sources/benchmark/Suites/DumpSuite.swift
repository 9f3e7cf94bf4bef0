/// Copying a region of a process to a file.
struct DumpSuite {
  let contest: Contest

  /// Besides the size that was asked for: so long that the start of a program does not decide.
  private static let largeSize: UInt64 = 1 << 30

  func report() throws -> String {
    let intro = """
      `readv` is the bare process_vm_readv of the region, which writes nothing; `write` writes as many bytes from one warm \
      buffer to a new file, or to a pipe that somebody empties, and reads nothing. The slower of the two is the limit of who \
      reads and writes one after the other or at the same time. Their times do not include the start of a program; that of \
      every contender does. Nobody waits for the disk (no fsync); what earlier runs wrote is on the disk before the next one \
      starts. gcore writes all of the process, which holds little else.
      """
    var parts = [intro, try full(contest.options.size)]
    if contest.options.size < Self.largeSize { parts.append(try full(Self.largeSize)) }
    let (every, patches) = ("every 1000th page touched", "every 20th page and 1 MiB of every 20 MiB touched")
    parts.append(try sparse("untouched", every))
    parts.append(try sparse("patches", patches))
    return parts.joined(separator: "\n\n")
  }

  private func full(_ size: UInt64) throws -> String {
    progress("dump: full, \(sizeText(size))")
    let dumpers = try dumpers(["--fill", "\(size)"], "fill")
    var list = [contest.workspace.readv(dumpers.fixture, dumpers.region)]
    list += toFiles(dumpers, "disk", contest.workspace.directory)
    if let memory = contest.workspace.memoryDirectory { list += toFiles(dumpers, "tmpfs", memory) }
    list.append(contest.workspace.writePipe("write, pipe", dumpers.region))
    list += limited(
      [
        dumpers.memdumpToPipe("memdump live, pipe", mode: "live"),
        dumpers.memdumpToPipe("memdump stop, pipe", mode: "stop"),
      ], by: "write, pipe")
    list += limited(
      [
        dumpers.memdumpToNull("memdump live, null", mode: "live"),
        dumpers.memdumpToNull("memdump stop, null", mode: "stop"),
        dumpers.dd("dd, null", file: nil),
      ])
    let outcomes = contest.run(list)
    let title = "### \(sizeText(dumpers.region.byteCount)), all touched, 4K pages"
    return section(title, outcomes, dumpers, "memdump live, disk")
  }

  /// Those who write to files of a directory.
  private func toFiles(_ dumpers: Dumpers, _ place: String, _ directory: String) -> [Contender] {
    let file = "\(directory)/dump"
    var list = [
      dumpers.memdump("memdump live, \(place)", mode: "live", file: file),
      dumpers.memdump("memdump stop, \(place)", mode: "stop", file: file),
      dumpers.dd("dd, \(place)", file: file),
    ]
    if Tool.gdb.isInstalled { list.append(dumpers.gdb("gdb, \(place)", file: file)) }
    if Tool.gcore.isInstalled { list.append(dumpers.gcore("gcore, \(place)", file: file)) }
    let write = "write, \(place)"
    return [contest.workspace.write(write, dumpers.region, file: file)] + limited(list, by: write)
  }

  private func limited(_ contenders: [Contender], by write: String? = nil) -> [Contender] {
    contenders.map { contender in
      var contender = contender
      contender.limits = ["readv"] + (write.map { [$0] } ?? [])
      return contender
    }
  }

  private func sparse(_ region: String, _ what: String) throws -> String {
    progress("dump: sparse, \(region)")
    let dumpers = try dumpers(["--\(region)", "\(contest.options.sparseSize)"], region)
    let disk = "\(contest.workspace.directory)/dump"
    var list = [
      dumpers.memdump("memdump live", mode: "live", file: disk),
      dumpers.memdump("memdump stop", mode: "stop", file: disk),
    ]
    if Tool.gcore.isInstalled { list.append(dumpers.gcore("gcore", file: disk)) }
    if Tool.gdb.isInstalled { list.append(dumpers.gdb("gdb", file: disk)) }
    let title = "### \(sizeText(dumpers.region.byteCount)) reserved, \(what), to disk"
    return section(title, contest.run(list), dumpers, "memdump live", hasYardstick: false)
  }

  private func dumpers(_ options: [String], _ region: String) throws -> Dumpers {
    let fixture = try Fixture(contest.workspace, options)
    return Dumpers(workspace: contest.workspace, fixture: fixture, region: try fixture.region(region))
  }

  private func section(
    _ title: String, _ outcomes: [Contest.Outcome], _ dumpers: Dumpers, _ reference: String, hasYardstick: Bool = true
  ) -> String {
    let region = dumpers.region
    let table = Comparison(
      byteCount: hasYardstick ? region.byteCount : nil, yardsticks: hasYardstick ? ["readv"] : [], reference: reference,
      showsLimit: hasYardstick
    ).text(outcomes)
    let words = [
      "\(dumpers.fixture.id)": "PID", region.range: "RANGE", region.startText: "START", region.endText: "END",
      region.sizeText: "SIZE", "\(region.start)": "START", "\(region.byteCount)": "SIZE",
    ]
    return "\(title)\n\n\(table)\n\n\(commandList(outcomes, contest.workspace, words))"
  }
}
