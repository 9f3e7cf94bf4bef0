/// `uuid`: groups of 8, 4, 4, 4 and 12 hexadecimal digits with dashes between them, of either case.
///
/// The first and the last group are whole runs of hexadecimal digits; a further dash on either side does no harm, so that
/// `pvc-123e4567-…` is found.
public struct UUIDPattern: Pattern {
  /// Whether a letter or `_` next to a match forbids it.
  public var wantsWholeWord: Bool

  /// Makes the pattern; without arguments by the rule above.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// `uuid`
  public var name: String { "uuid" }

  /// What the pattern finds.
  public var summary: String { "UUID: 123e4567-e89b-12d3-a456-426614174000" }

  /// The first dash is the anchor.
  public var reach: Int { ScanKernel.uuid.reach }

  /// The pattern with whole words only.
  public var wholeWord: (any Pattern)? { UUIDPattern(wantsWholeWord: true) }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.uuid.scan(bytes, base: base, options: wantsWholeWord ? .word : [], from: &from, to: to, into: &matches)
  }
}
