/// A pattern without the matches that have a letter or `_` right next to them.
///
/// For patterns that know no words themselves. A match that is left out still keeps others from beginning inside of it:
/// no part of the match is taken in its place.
struct WholeWordPattern: LiteralPattern {
  private let base: any Pattern

  init(_ base: any Pattern) { self.base = base }

  var name: String { base.name }
  var summary: String { base.summary }
  /// A match lies within its pattern's reach, and its neighbours one byte further.
  var reach: Int { base.reach + 1 }
  var wholeWord: (any Pattern)? { self }
  var wide: (any Pattern)? { base.wide?.wholeWord }

  var literal: Literal? { (base as? any LiteralPattern)?.literal }
  var boundary: LiteralBoundary { .bytes }

  func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool { base.write(match, to: &text) }

  func scan(_ bytes: RawSpan, base address: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    let first = matches.count
    base.scan(bytes, base: address, from: &from, to: to, into: &matches)
    matches.keep(from: first) { LiteralBoundary.bytes.allows($0, in: bytes) }
  }
}
