extension AllocationSummary {
  /// The paths as a profile: the blocks that were seen handed out, those of them that stay, and the bytes that these take, as
  /// far as their size is known. These are samples, and not all that the process did.
  public var profile: Profile {
    var profile = Profile([.allocObjects, .inuseObjects, .inuseSpace], mainType: 1)
    for path in paths {
      var frames = zip(path.frames, path.names).map { Self.frame($0, $1) }
      // What is not known further is no outermost frame.
      if !path.isWhole { frames.append(Profile.Frame("[not known further]")) }
      let bytes = UInt64(path.survived).multipliedReportingOverflow(by: path.footprint ?? 0).partialValue
      let labels = path.footprint.map { [Profile.Label("class", .number($0, unit: "bytes"))] } ?? []
      profile.add(
        frames.reversed() + [Profile.Frame(path.function)], [UInt64(path.sampled), UInt64(path.survived), bytes],
        labels: labels)
    }
    return profile
  }

  private static func frame(_ frame: ThreadStack.Frame, _ name: StackNames.Name?) -> Profile.Frame {
    var made = Profile.Frame(frame.address.description)
    if let symbol = name?.symbol {
      made.name = SymbolName(symbol).description
      made.systemName = EscapedText(symbol).description
    } else {
      made.isSymbol = false
      if let name, let offset = name.offset { made.name = "\(EscapedText(name.module))+\(Address(offset))" }
    }
    made.file = name?.file.map { EscapedText($0).description }
    made.line = name?.line ?? 0
    made.address = frame.instruction
    return made
  }
}
