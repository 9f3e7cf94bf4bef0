extension Heaps {
  /// The bytes and the number of the blocks in use: by type where a language's runtime tells what its blocks are, else by size class
  /// and by what the blocks of a class have in common; below their allocator, where there are several. The sums are those of
  /// ``used``, and what LuaJIT and HotSpot count, whose memory is in no heap.
  ///
  /// What a class has in common is told from a few of its blocks, and stands for all of them: the label `content_sampled`
  /// says how many had it.
  ///
  /// - Parameters:
  ///   - samples: of each heap, the contents of its classes, in their order.
  ///   - objects: the objects of the runtimes that were found.
  public func profile(_ samples: [[ContentSample?]], objects: [ObjectTypes] = []) -> Profile {
    var profile = Profile([.inuseObjects, .inuseSpace], mainType: 1)
    for types in objects { profile.add(types) }
    for (number, heap) in all.enumerated() where !objects.contains(where: { $0.tells(heap.allocator) }) {
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

extension ObjectTypes {
  /// Whether ``total`` has the blocks in use of an allocator.
  fileprivate func tells(_ allocator: any Allocator) -> Bool {
    switch language {
    case .python: true
    case .php: allocator is ZendMM
    case .luaJIT, .hotSpot: false
    }
  }
}

extension Profile {
  /// Adds the objects of a runtime by type, and the rest of what they are a part of.
  fileprivate mutating func add(_ types: ObjectTypes) {
    func add(_ name: String, _ part: String?, _ sum: HeapSummary.Sum) {
      guard sum.byteCount > 0 else { return }
      let frames = [types.language.title, name] + (part.map { [$0] } ?? [])
      let labels = part == nil ? [] : [Label("type", .text(name))]
      self.add(frames.map { Frame($0) }, [sum.count, sum.byteCount], labels: labels)
    }
    for row in types.rows {
      let name = EscapedText(row.name).description
      add(name, "objects", row.objects)
      add(name, "owned", row.owned)
    }
    add("kept for the next objects", nil, types.spare)
    var rest = types.total
    for sum in [types.objects, types.owned, types.spare] {
      rest.count -= min(rest.count, sum.count)
      rest.byteCount -= min(rest.byteCount, sum.byteCount)
    }
    add("of no type", nil, rest)
  }
}
