extension PythonCensus {
  /// The most words of an object in which its function is looked for, and the most before a place in a frame.
  private static let (mostWords, mostBefore): (UInt64, UInt64) = (64, 512)
  private static let (code, functionName) = (Array("code".utf8), Array("function".utf8))
  /// The objects that a frame is of, with what they are.
  private static let (generator, coroutine) = (Array("generator".utf8), Array("coroutine".utf8))

  /// The end that an object is, with its name.
  mutating func end(
    _ kind: ObjectHolders.Kind, _ object: PythonReader.Object, _ words: inout WordCache
  ) throws(MemDumpError) -> PythonReferrers.End {
    switch kind {
    case .module:
      guard let globals = try words.word(at: object.address + 16),
        let value = try value(of: Array("__name__".utf8), in: Address(globals), &words),
        let name = try reader.text(at: value, &words)
      else { return .init(kind: kind) }
      return .init(kind: kind, name: EscapedText(name).description)
    case .type:
      guard let number = try reader.types.number(of: object.address.rawValue) else { return .init(kind: kind) }
      return .init(kind: kind, name: EscapedText(try name(of: number, &words)).description)
    case .generator, .coroutine, .frame:
      var (kind, function): (ObjectHolders.Kind, String?) = (kind, nil)
      for number in 2..<Self.mostWords {
        guard let word = try words.word(at: object.address + number * 8) else { break }
        guard word & 7 == 0, word >> 16 != 0, let other = try reader.object(at: Address(word), &words) else { continue }
        let name = reader.types.all[other.type].name
        if function == nil, name == Self.code { function = try self.function(of: other.address, &words) }
        // Before 3.11, the frame of a generator is an object of its own, which leads back.
        if kind == .frame, name == Self.generator { kind = .generator }
        if kind == .frame, name == Self.coroutine { kind = .coroutine }
      }
      return .init(kind: kind, name: function)
    case .globals, .registry, .global, .function, .threadLocal, .stack, .variable, .memory: return .init(kind: kind)
    }
  }

  /// The words from that of the code to the first variable: in 3.11, and later, where that of the function
  /// stands two behind the code.
  private static let (wordsOf311, wordsLater): (UInt64, UInt64) = (5, 9)

  /// The function of the frame that a place outside of all blocks lies in, and whether it is one of its variables: from 3.11 on,
  /// frames lie in memory of their own (`_PyInterpreterFrame`), with the code before the variables, and behind these what is
  /// being computed, of which the most is left over. The place of the code is told, too. nil where there is none.
  mutating func function(
    ofFrameAt place: Address, _ words: inout WordCache
  ) throws(MemDumpError) -> (name: String, isLocal: Bool, code: Address)? {
    for number in 1...Self.mostBefore {
      guard let word = try words.word(at: place - number * 8) else { return nil }
      guard word & 7 == 0, word >> 16 != 0, let object = try reader.object(at: Address(word), &words),
        reader.types.all[object.type].name == Self.code
      else { continue }
      guard let name = try function(of: object.address, &words) else { return nil }
      let later = try words.word(at: place - number * 8 + 16) ?? 0
      let isLater =
        try reader.object(at: Address(later), &words).map { reader.types.all[$0.type].name } == Self.functionName
      let first = isLater ? Self.wordsLater : Self.wordsOf311
      let count = try variableCount(of: object.address, &words)
      return (name, number >= first && number - first < count, place - number * 8)
    }
    return nil
  }

  /// The number of variables of a code object, from 3.11 on: that of the tuple of their names, behind which stand as many bytes
  /// that tell their kinds.
  private mutating func variableCount(of code: Address, _ words: inout WordCache) throws(MemDumpError) -> UInt64 {
    for number in 2..<Self.mostWords / 2 {
      guard let names = try words.word(at: code + number * 8), let kinds = try words.word(at: code + (number + 1) * 8),
        names & 7 == 0, kinds & 7 == 0, let tuple = try reader.object(at: Address(names), &words),
        let bytes = try reader.object(at: Address(kinds), &words), reader.types.all[tuple.type].isTuple,
        reader.types.all[bytes.type].isBytes, let count = try words.word(at: tuple.address + 16),
        try words.word(at: bytes.address + 16) == count
      else { continue }
      return count
    }
    return 0
  }

  /// The name of the function of a code object, the longest that it has: among its words stand the name of the file, that of the
  /// function and, from 3.11 on, that with the class, one behind the other.
  mutating func function(of code: Address, _ words: inout WordCache) throws(MemDumpError) -> String? {
    var texts: [[UInt8]?] = []
    for number in 2..<Self.mostWords / 2 {
      let word = try words.word(at: code + number * 8)
      texts.append(try reader.text(at: word.flatMap { $0 & 7 == 0 && $0 >> 16 != 0 ? $0 : nil }, &words))
    }
    for (file, name) in zip(texts.indices, texts.indices.dropFirst()) {
      guard let path = texts[file], let function = texts[name], Self.isFile(path), !function.isEmpty else { continue }
      if name + 1 < texts.count, let full = texts[name + 1], full.count >= function.count,
        full.suffix(function.count).elementsEqual(function)
      {
        return EscapedText(full).description
      }
      return EscapedText(function).description
    }
    return nil
  }

  private static func isFile(_ path: [UInt8]) -> Bool {
    path.first == UInt8(ascii: "<") || path.contains(UInt8(ascii: "/")) || path.suffix(3).elementsEqual(".py".utf8)
  }
}
