import MemDump

extension ModeChoice {
  /// Why the mode is another than a command takes where nothing speaks against it; nil where it is not.
  var reasonText: String? {
    guard let reason else { return nil }
    let first =
      switch reason {
      case .manyMappings(let count): "a fork is shorter than to read the map of \(grouped(count)) mappings"
      case .large(let byteCount): "a fork is shorter than a copy of \(ByteSize(byteCount))"
      case .time(let expected, let allowed):
        "a copy may take \(readableTime(nanoseconds: expected)), and --max-pause is \(readableTime(nanoseconds: allowed))"
      case .room(let needed, let available):
        "a copy needs \(ByteSize(needed)) of memory, and there is room for \(ByteSize(available))"
      }
    return first + (snapshotProblem.map { "; no snapshot: \($0.reason)" } ?? "")
  }

  /// The mode and that reason; nil where there is none.
  var note: String? { reasonText.map { "\(mode.rawValue): \($0)" } }
}

extension LookMode {
  /// What keeps more memory of one instant than a pause of this mode had time for.
  var remedyForTime: String {
    let longer = "--max-pause allows a longer pause"
    return self == .stop ? "--mode snapshot pauses it for a fork alone, \(longer)" : longer
  }
}

extension LookProof {
  /// The warning that the process could not be seen to run as before; nil where it could.
  var warning: String? {
    if isVerified { return nil }
    return leavesChild
      ? "a child of it that has ended could not be taken away; it goes when the process ends"
      : "the process could not be seen to run as before; see `memdump status \(process.id)`"
  }

  /// Whether the process stood still for so long that somebody may have noticed: a tenth of a second.
  var hasLongPause: Bool { pause.map { $0.duration >= 100_000_000 } ?? false }

  /// What is said where a part of the memory is not of the instant that was asked for; nil where all is.
  var shortfall: String? {
    if fitsPause { return nil }
    var parts = [liveShortfall].compactMap(\.self)
    if lacksRegisters { parts.append("there was no time for the registers of all threads; --max-pause allows more") }
    return parts.joined(separator: "; ")
  }

  /// What is said of memory that was read after the pause, with the mode that keeps all of it; nil where there is none.
  var liveShortfall: String? {
    guard readLiveByteCount > 0 else { return nil }
    return
      "\(ByteSize(readLiveByteCount)) did not fit the pause and were read while the process ran; \(mode.remedyForTime)"
  }

  /// The members of a record that tell how processes were looked at; null where there was none.
  static func members(of proofs: [LookProof?]) -> [Member] {
    Field<[LookProof]>.looks { $0 }.members(of: proofs.compactMap(\.self))
  }
}

extension Field {
  /// The fields that tell how processes were looked at: the longest pause, whether all were seen to run as before, and
  /// the states of the first process that was not, or else of the first one.
  static func looks(_ proofs: @escaping @Sendable (Row) -> [LookProof]) -> [Field] {
    @Sendable func shown(_ row: Row) -> LookProof? {
      let proofs = proofs(row)
      return proofs.first { !$0.isVerified } ?? proofs.first
    }
    return [
      Field(.mode) { shown($0)?.mode.rawValue },
      Field("mode_reason") { shown($0)?.choice.reasonText },
      Field(.pause) { proofs($0).map { $0.pause?.duration ?? 0 }.max() },
      Field(.stateBefore) { shown($0)?.before.stateName },
      Field(.stateAfter) { shown($0)?.after.stateName },
      Field(.verified) { shown($0)?.isVerified },
    ]
  }
}

extension Rendering {
  /// How long a process stood still, where it did.
  mutating func pause(of proof: LookProof) {
    guard let pause = proof.pause else { return }
    fact("pause", readableTime(nanoseconds: pause.duration), proof.hasLongPause ? .attention : nil)
  }
}
