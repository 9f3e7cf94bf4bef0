import MemDump

extension LookProof {
  /// What is said where the process could not be seen to run as before; nil where it could.
  var warning: String? {
    if isVerified { return nil }
    return leavesChild
      ? "a child of it that has ended could not be taken away; it goes when the process ends"
      : "the process could not be seen to run as before; see `memdump status \(process.id)`"
  }
}

extension JSONWriter {
  /// Adds the members that tell how processes were looked at: the longest pause, whether all were seen to run as before, and
  /// the states of the first one that was not, or else of the first one. Null where there was no process.
  mutating func add(_ proofs: [LookProof]) {
    let shown = proofs.first { !$0.isVerified } ?? proofs.first
    member("mode", shown?.mode.rawValue)
    member("pause_ns", proofs.map { $0.pause?.duration ?? 0 }.max())
    member("state_before", shown?.before.stateName)
    member("state_after", shown.map { $0.after?.stateName ?? "ended" })
    member("verified", shown?.isVerified)
  }

  /// Adds the same of one look; nil where there was no process.
  mutating func add(_ proof: LookProof?) { add([proof].compactMap(\.self)) }
}
