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

  /// The most types that are named where none has the name.
  private static let namedTypes = 5

  private func holders(
    ofType name: [UInt8], in memory: any MemorySource, of process: TargetProcess?, _ control: WorkControl
  ) throws(MemDumpError) -> ObjectHoldersReport {
    var report = ObjectHoldersReport(name: name, answer: .none, limit: top.count)
    let heaps = try HeapWalk(memory, control: control).run()
    switch try PythonHolderSearch.prepare(memory, heaps: heaps, process: process, control: control) {
    case .none:
      report.language = .luaJIT
      switch try LuaHolders.find(ofType: name, in: memory, process: process, control: control) {
      case .none where heaps.all.contains { $0.allocator.name == "zend" }:
        report.language = .php
        report.answer = .refused("who holds them is looked for in Python and LuaJIT alone; `memdump heap` counts them")
      case .none: report.language = nil
      case .refused(let reason): report.answer = .refused(reason)
      case .names(let names):
        report.answer = names.contains { $0.starts(with: name) } ? .several(names) : .unknown(names)
      case .holders(let holders): report.answer = .holders(holders)
      }
    case .refused(let reason): report.answer = .refused(reason)
    case .ready(var search):
      report.hasStacks = search.hasStacks
      let names = search.names(of: name)
      if names.count == 1, let holders = try search.holders(ofType: names[0]) {
        report.answer = .holders(holders)
      } else if names.isEmpty {
        report.answer = .unknown(search.objects.rows.prefix(Self.namedTypes).map(\.name))
      } else {
        report.answer = .several(names)
      }
    }
    return report
  }
}
