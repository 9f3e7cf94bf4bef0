extension Heaps {
  /// The bytes and the number of the blocks in use, by size class and by what the blocks of a class have in common; below their
  /// allocator, where there are several. The sums are those of ``used``.
  ///
  /// What a class has in common is told from a few of its blocks, and stands for all of them: the label `content_sampled`
  /// says how many had it.
  ///
  /// - Parameter samples: of each heap, the contents of its classes, in their order.
  public func profile(_ samples: [[ContentSample?]]) -> Profile {
    var profile = Profile([.inuseObjects, .inuseSpace], mainType: 1)
    for (number, heap) in all.enumerated() {
      let contents = number < samples.count ? samples[number] : []
      let name = heap.allocator.name
      for (index, row) in heap.classes.enumerated() where row.count > 0 {
        var frames = (areSeveral ? [Profile.Frame(name)] : []) + [Profile.Frame("\(row.footprint) bytes")]
        var labels = [Profile.Label("class", .number(row.footprint, unit: "bytes"))]
        if areSeveral { labels.append(Profile.Label("allocator", .text(name))) }
        if let sample = index < contents.count ? contents[index] : nil {
          frames.append(Profile.Frame(sample.title))
          labels.append(Profile.Label("content", .text(sample.title)))
          labels.append(Profile.Label("content_sampled", .text("\(sample.count) of \(sample.total)")))
        }
        profile.add(frames, [row.count, row.byteCount], labels: labels)
      }
    }
    return profile
  }
}
