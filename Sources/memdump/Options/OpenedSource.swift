import MemDump

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

  /// Ends the look at a process; see ``ProcessLook/end(early:)``. The proof is nil of anything else.
  func end(early: Bool = false) throws(MemDumpError) -> LookProof? { try look?.end(early: early) }
}
