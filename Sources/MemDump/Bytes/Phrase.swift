/// A phrase for people with figures in it, which each output writes in its own form of figures.
public struct Phrase: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// A part of a phrase.
  public enum Part: Hashable, Sendable {
    /// Words.
    case text(String)
    /// A count; with a noun, which is in the plural unless the count is one.
    case count(UInt64, of: String?)
    /// A number of bytes.
    case bytes(UInt64)
  }

  /// The parts of the phrase, in order.
  public var parts: [Part]

  /// Makes a phrase of words alone.
  public init(stringLiteral words: String) { parts = [.text(words)] }

  /// Makes a phrase such as `"\(count: 3, "pool") of \(bytes: 4096)"`.
  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  /// The parts of a phrase as an interpolated string gathers them.
  public struct StringInterpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    /// See `StringInterpolationProtocol`.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// See `StringInterpolationProtocol`.
    public mutating func appendLiteral(_ words: String) { if !words.isEmpty { parts.append(.text(words)) } }

    /// Adds words, which have to be safe to print.
    public mutating func appendInterpolation(text: String) { appendLiteral(text) }

    /// Adds a count, with a noun where there is one.
    public mutating func appendInterpolation(count: UInt64, _ noun: String? = nil) {
      parts.append(.count(count, of: noun))
    }

    /// Adds a number of bytes.
    public mutating func appendInterpolation(bytes: UInt64) { parts.append(.bytes(bytes)) }

    /// Adds another phrase.
    public mutating func appendInterpolation(_ phrase: Phrase) { parts += phrase.parts }
  }
}
