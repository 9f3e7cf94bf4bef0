import ArgumentParser
import MemDump

extension RefsCommand {
  /// Tells what holds the objects of a type of a language's runtime.
  func printHolders(ofType name: String, _ opened: OpenedSource, since started: UInt64) throws {
    let control = WorkControl()
    var (report, signal) = try Progress.watch(control) { () throws(MemDumpError) in
      var report = try holders(ofType: EscapedText.bytes(of: name), in: opened.source, of: opened.look?.target, control)
      report.proof = try opened.end(early: control.isStopped)
      return report
    }
    report.elapsed = Syscall.monotonicTime - started
    try report.print(as: output.form)
    try ExitStatus(signal: signal, looks: [report.proof], hasFound: report.holders?.traced ?? 0 > 0).leave()
  }

  private func holders(
    ofType name: [UInt8], in memory: any MemorySource, of process: TargetProcess?, _ control: WorkControl
  ) throws(MemDumpError) -> ObjectHoldersReport {
    var report = ObjectHoldersReport(name: name, answer: .none, limit: top.count)
    let heaps = try HeapWalk(memory, control: control).run()
    switch try ObjectHolderSearch.prepare(memory, heaps: heaps, process: process, control: control) {
    case .none: report.language = nil
    case .refused(let language, let reason): (report.language, report.answer) = (language, .refused(reason))
    case .ready(var search):
      (report.language, report.hasStacks) = (search.language, search.hasStacks)
      switch search.meaning(of: name) {
      case .one(let name): report.answer = try search.holders(ofType: name).map { .holders($0) } ?? .unknown([])
      case .several(let names): report.answer = .several(names)
      case .unknown(let names): report.answer = .unknown(names)
      }
    }
    return report
  }
}
