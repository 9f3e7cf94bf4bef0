import MemDump
import SystemPackage

/// A source that was opened.
struct OpenedSource {
  /// The memory.
  let source: any MemorySource
  /// How a process is looked at; nil of anything else.
  let look: ProcessLook?

  init(_ source: any MemorySource) { (self.source, look) = (source, nil) }

  init(_ look: ProcessLook) { (source, self.look) = (look.source, look) }

  /// What of it to look at: of a process what was selected, of anything else everything.
  var ranges: [Range<Address>] { look?.ranges ?? source.regions.map(\.range) }

  /// Tells on standard error what of a file is missing: what a command finds in the rest may be less than there was.
  func tellMissing(of argument: SourceArgument) {
    guard case .file(let path) = argument else { return }
    var parts: [String] = []
    if source.isTruncated { parts.append("is cut short: the rest of it is missing") }
    if source.omittedSegmentCount > 0 {
      let count = counted(source.omittedSegmentCount, "segment")
      parts.append("has \(count) left out, which overlap others or have no addresses")
    }
    if parts.isEmpty { return }
    let file = EscapedText(path.string.utf8)
    StandardError.write("memdump: \(file) \(parts.joined(separator: ", and ")): there may be more than is told")
  }

  /// Ends the look at a process; see ``ProcessLook/end(early:)``. The proof is nil of anything else.
  func end(early: Bool = false) throws(MemDumpError) -> LookProof? { try look?.end(early: early) }
}
