extension HeapSummary {
  /// The bytes and the number of the blocks in use, by size class and by what the blocks of a class have in common. The sums
  /// are those of ``used``.
  ///
  /// What a class has in common is told from a few of its blocks, and stands for all of them: the label `content_sampled`
  /// says how many had it.
  ///
  /// - Parameter samples: the contents of the classes, in their order.
  public func profile(_ samples: [ContentSample?]) -> Profile {
    var profile = Profile([.inuseObjects, .inuseSpace], mainType: 1)
    for (index, row) in classes.enumerated() where row.count > 0 {
      var frames = [Profile.Frame("\(row.footprint) bytes")]
      var labels = [Profile.Label("class", .number(row.footprint, unit: "bytes"))]
      if let sample = index < samples.count ? samples[index] : nil {
        frames.append(Profile.Frame(sample.title))
        labels.append(Profile.Label("content", .text(sample.title)))
        labels.append(Profile.Label("content_sampled", .text("\(sample.count) of \(sample.total)")))
      }
      profile.add(frames, [row.count, row.byteCount], labels: labels)
    }
    return profile
  }
}
