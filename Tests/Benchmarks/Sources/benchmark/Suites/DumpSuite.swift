/// Copying a region of a process to a file.
struct DumpSuite {
  let contest: Contest

  func report() throws -> String {
    let intro = """
      The yardstick is the bare process_vm_readv, which writes nothing. Nobody waits for the disk (no fsync); what \
      earlier runs wrote is on the disk before the next one starts. gcore writes all of the process, which holds little else.
      """
    return try [intro, full(), sparse()].joined(separator: "\n\n")
  }

  private func full() throws -> String {
    progress("dump: full")
    let (dumpers, contenders) = try contenders(["--fill", "\(contest.options.size)"], "fill")
    let disk = "\(contest.workspace.directory)/dump"
    var list =
      contenders + [
        dumpers.memdump("memdump live, disk", mode: "live", file: disk),
        dumpers.memdump("memdump stop, disk", mode: "stop", file: disk),
        dumpers.dd("dd, disk", file: disk),
      ]
    if Tool.gdb.isInstalled { list.append(dumpers.gdb("gdb, disk", file: disk)) }
    if Tool.gcore.isInstalled { list.append(dumpers.gcore("gcore, disk", file: disk)) }
    if let memory = contest.workspace.memoryDirectory {
      list += [
        dumpers.memdump("memdump live, tmpfs", mode: "live", file: "\(memory)/dump"),
        dumpers.memdump("memdump stop, tmpfs", mode: "stop", file: "\(memory)/dump"),
        dumpers.dd("dd, tmpfs", file: "\(memory)/dump"),
      ]
      if Tool.gdb.isInstalled { list.append(dumpers.gdb("gdb, tmpfs", file: "\(memory)/dump")) }
      if Tool.gcore.isInstalled { list.append(dumpers.gcore("gcore, tmpfs", file: "\(memory)/dump")) }
    }
    list += [
      dumpers.memdumpToNull("memdump live, null", mode: "live"),
      dumpers.memdumpToNull("memdump stop, null", mode: "stop"),
      dumpers.dd("dd, null", file: nil),
    ]
    let outcomes = contest.run(list)
    let title = "### \(sizeText(dumpers.region.byteCount)), all touched, 4K pages"
    return section(title, outcomes, dumpers, "memdump live, disk")
  }

  private func sparse() throws -> String {
    progress("dump: sparse")
    let (dumpers, _) = try contenders(["--untouched", "\(contest.options.sparseSize)"], "untouched")
    let disk = "\(contest.workspace.directory)/dump"
    var list = [
      dumpers.memdump("memdump live", mode: "live", file: disk),
      dumpers.memdump("memdump stop", mode: "stop", file: disk),
    ]
    if Tool.gcore.isInstalled { list.append(dumpers.gcore("gcore", file: disk)) }
    if Tool.gdb.isInstalled { list.append(dumpers.gdb("gdb", file: disk)) }
    let title = "### \(sizeText(dumpers.region.byteCount)) reserved, every 1000th page touched, to disk"
    return section(title, contest.run(list), dumpers, "memdump live", hasYardstick: false)
  }

  private func contenders(_ options: [String], _ region: String) throws -> (Dumpers, [Contender]) {
    let fixture = try Fixture(contest.workspace, options)
    let region = try fixture.region(region)
    let dumpers = Dumpers(workspace: contest.workspace, fixture: fixture, region: region)
    return (dumpers, [contest.workspace.readv(fixture, region)])
  }

  private func section(
    _ title: String, _ outcomes: [Contest.Outcome], _ dumpers: Dumpers, _ reference: String, hasYardstick: Bool = true
  ) -> String {
    let region = dumpers.region
    let table = Comparison(
      byteCount: hasYardstick ? region.byteCount : nil, yardsticks: hasYardstick ? ["readv"] : [], reference: reference
    ).text(outcomes)
    let words = [
      "\(dumpers.fixture.id)": "PID", region.range: "RANGE", region.startText: "START", region.endText: "END",
      region.sizeText: "SIZE", "\(region.start)": "START", "\(region.byteCount)": "SIZE",
    ]
    return "\(title)\n\n\(table)\n\n\(commandList(outcomes, contest.workspace, words))"
  }
}
