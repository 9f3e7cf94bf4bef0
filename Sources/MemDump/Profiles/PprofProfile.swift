/// The form of pprof(1): a message of protocol buffers, packed with gzip. The numbers of its fields are those of
/// github.com/google/pprof/blob/main/proto/profile.proto.
public struct PprofProfile {
  private let profile: Profile
  private var texts: [[UInt8]] = [[]]
  private var textNumbers: [[UInt8]: UInt64] = [[]: 0]
  private var functions = ProtocolBuffer()
  private var functionNumbers: [FunctionKey: UInt64] = [:]
  private var locations = ProtocolBuffer()
  private var locationNumbers: [Profile.Frame: UInt64] = [:]
  /// The mappings whose frames all have the names of symbols.
  private var isNamed: [Bool]

  private struct FunctionKey: Hashable {
    var name: String
    var systemName: String?
    var file: String?
  }

  /// The fields of the message Profile.
  private enum Field {
    static let (sampleType, sample, mapping, location, function, text):
      (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
        (1, 2, 3, 4, 5, 6)
    static let (time, comment, mainType): (UInt64, UInt64, UInt64) = (9, 13, 14)
  }

  /// The file of a profile.
  public static func bytes(of profile: Profile) -> [UInt8] {
    var writer = PprofProfile(profile)
    return Gzip.file(writer.message())
  }

  private init(_ profile: Profile) {
    self.profile = profile
    isNamed = profile.mappings.map { _ in true }
  }

  private mutating func message() -> [UInt8] {
    var message = ProtocolBuffer()
    for type in profile.types {
      var value = ProtocolBuffer()
      value.add(1, text(type.name))
      value.add(2, text(type.unit))
      message.add(Field.sampleType, value)
    }
    for sample in profile.samples { message.add(Field.sample, encode(sample)) }
    for (index, mapping) in profile.mappings.enumerated() { message.add(Field.mapping, encode(mapping, index)) }
    var bytes = message.bytes + locations.bytes + functions.bytes
    var rest = ProtocolBuffer()
    rest.add(Field.time, amount: profile.time ?? 0)
    rest.add(Field.comment, packed: profile.comments.map { text($0) })
    rest.add(Field.mainType, text(profile.types[profile.mainType].name))
    var table = ProtocolBuffer()
    for text in texts { table.add(Field.text, text) }
    bytes += rest.bytes + table.bytes
    return bytes
  }

  private mutating func encode(_ sample: Profile.Sample) -> ProtocolBuffer {
    var encoded = ProtocolBuffer()
    // The innermost frame comes first here.
    encoded.add(1, packed: sample.frames.reversed().map { location($0) })
    encoded.add(2, packed: sample.values.map { min($0, UInt64(Int64.max)) })
    for label in sample.labels {
      var pair = ProtocolBuffer()
      pair.add(1, text(label.key))
      switch label.value {
      case .text(let value): pair.add(2, text(value))
      case .number(let number, let unit):
        pair.add(3, amount: number)
        pair.add(4, text(unit))
      }
      encoded.add(3, pair)
    }
    return encoded
  }

  private mutating func encode(_ mapping: Profile.Mapping, _ index: Int) -> ProtocolBuffer {
    var encoded = ProtocolBuffer()
    encoded.add(1, UInt64(index + 1))
    encoded.add(2, mapping.range.lowerBound.rawValue)
    encoded.add(3, mapping.range.upperBound.rawValue)
    encoded.add(4, mapping.fileOffset)
    encoded.add(5, text(EscapedText(mapping.path).description))
    let digits = (mapping.buildID ?? []).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    encoded.add(6, text(digits.joined()))
    // pprof looks for names itself where a mapping is not said to have them.
    encoded.add(7, isNamed[index])
    return encoded
  }

  /// The number of the place of a frame.
  private mutating func location(_ frame: Profile.Frame) -> UInt64 {
    if let number = locationNumbers[frame] { return number }
    let number = UInt64(locationNumbers.count + 1)
    locationNumbers[frame] = number
    var line = ProtocolBuffer()
    line.add(1, function(frame))
    line.add(2, amount: frame.line)
    var encoded = ProtocolBuffer()
    encoded.add(1, number)
    if let mapping = frame.mapping, profile.mappings.indices.contains(mapping) {
      encoded.add(2, UInt64(mapping + 1))
      if !frame.isSymbol { isNamed[mapping] = false }
    }
    encoded.add(3, frame.address?.rawValue ?? 0)
    encoded.add(4, line)
    locations.add(Field.location, encoded)
    return number
  }

  private mutating func function(_ frame: Profile.Frame) -> UInt64 {
    let key = FunctionKey(name: frame.name, systemName: frame.systemName, file: frame.file)
    if let number = functionNumbers[key] { return number }
    let number = UInt64(functionNumbers.count + 1)
    functionNumbers[key] = number
    var encoded = ProtocolBuffer()
    encoded.add(1, number)
    encoded.add(2, text(frame.name))
    encoded.add(3, text(frame.systemName ?? frame.name))
    encoded.add(4, text(frame.file ?? ""))
    functions.add(Field.function, encoded)
    return number
  }

  /// The number of a text in the table of texts, whose first is empty.
  private mutating func text(_ text: String) -> UInt64 {
    let bytes = text.utf8.flatMap { $0 < 0x20 || $0 == 0x7f ? Array(EscapedText([$0]).description.utf8) : [$0] }
    if let number = textNumbers[bytes] { return number }
    texts.append(bytes)
    textNumbers[bytes] = UInt64(texts.count - 1)
    return UInt64(texts.count - 1)
  }
}
