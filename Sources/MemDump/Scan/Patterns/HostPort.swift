/// `host-port`: the name of a host and a port.
///
/// The name, the whole run of letters, digits, `_`, `-` and `.` before the colon, has a dot, or is `localhost`, and has
/// a letter in its last label; one more dot may follow, as in absolute names. A time of day is none; `file.c:12` is one,
/// for it cannot be told apart.
public struct HostPort: Pattern {
  /// Whether a letter or `_` next to a match forbids it.
  public var wantsWholeWord: Bool

  /// Makes the pattern; without arguments by the rule above.
  public init(wantsWholeWord: Bool = false) { self.wantsWholeWord = wantsWholeWord }

  /// `host-port`
  public var name: String { "host-port" }

  /// What the pattern finds.
  public var summary: String { "host name and port: db.example.org:5432, localhost:80" }

  /// The colon is the anchor.
  public var reach: Int { ScanKernel.hostPort.reach }

  /// The pattern with whole words only.
  public var wholeWord: (any Pattern)? { HostPort(wantsWholeWord: true) }

  /// See ``Pattern/scan(_:base:from:to:into:)``.
  public func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    ScanKernel.hostPort.scan(
      bytes, base: base, options: wantsWholeWord ? .word : [], from: &from, to: to, into: &matches)
  }
}
