extension AllocationSummary {
  /// The paths as a profile: the blocks that were seen handed out, those of them that stay, and the bytes that these take, as
  /// far as their size is known. These are samples, and not all that the process did.
  public var profile: Profile {
    var profile = Profile([.allocObjects, .inuseObjects, .inuseSpace], mainType: 1)
    for path in paths {
      var frames = zip(path.frames, path.names).map { Profile.Frame(of: $0, $1) }
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
}
