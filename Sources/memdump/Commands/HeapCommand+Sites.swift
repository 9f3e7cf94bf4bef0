import ArgumentParser
import MemDump

extension HeapCommand {
  /// Shows the heap profile that a Go program keeps, by allocation site.
  func runSites() throws {
    let files = try profiles.create()
    let opened = try look.open(source, writing: files) { (process) throws(MemDumpError) in
      // Its counts are read as they are; to copy them in a pause would tell no more.
      try ProcessLook(process, mode: look.pause.chosenMode ?? .live, budget: look.pause.budget)
    }
    let result = try GoAllocationSearch(opened.source, process: opened.look?.target).run()
    let proof = try opened.end()
    if case .found(let profile) = result { try files.finish(with: profile.profile) } else { files.noteAbsence() }
    let report = SitesReport(result: result, proof: proof, limit: top.count)
    try report.print(as: output.form)
    try ExitStatus(looks: [proof], hasFound: report.profile != nil).leave()
  }
}
