/// What a scan looks for.
///
/// A pattern is a value without state: it is asked from several threads at once. To add one, write a file in
/// `Scan/Patterns/` and a line in ``Patterns/all``.
public protocol Pattern: Sendable {
  /// The name it is chosen by.
  var name: String { get }

  /// What it finds, in a few words.
  var summary: String { get }

  /// How many bytes on either side of its anchor byte a decision may look at.
  ///
  /// A match has exactly one anchor byte (the colon of an endpoint, say), and whether there is a match at an anchor depends
  /// on nothing but these bytes. That is what makes results the same for every chunk size and number of threads.
  var reach: Int { get }

  /// Finds the matches whose anchor lies in `from ..< to`, in the order of their addresses.
  ///
  /// Outside of `bytes` is a boundary: there are ``reach`` bytes around `from ..< to` wherever the memory goes on. Stops
  /// when `matches` is full; `from` is then where to go on, and otherwise `to`. `base` is the address of the first byte,
  /// for what is aligned.
  func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList)

  /// The same pattern that wants a boundary where a letter or `_` would stand next to a match; nil where that does not apply.
  var wholeWord: (any Pattern)? { get }

  /// The same pattern in text that is UTF-16LE; nil where that does not apply.
  var wide: (any Pattern)? { get }

  /// Whether it looks at text that is UTF-16LE.
  var isWide: Bool { get }

  /// Writes what a match means, for one whose bytes are not its text; false where they are.
  func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool
}

extension Pattern {
  /// Any text can be a word.
  public var wholeWord: (any Pattern)? { WholeWordPattern(self) }

  /// Any text can be wide.
  public var wide: (any Pattern)? { WidePattern(self) }

  /// Most patterns look at bytes.
  public var isWide: Bool { false }

  /// Most matches are texts themselves.
  public func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool { false }

  /// Scans bytes that are at no address.
  public func scan(_ bytes: RawSpan, from: inout Int, to: Int, into matches: inout MatchList) {
    scan(bytes, base: Address(0), from: &from, to: to, into: &matches)
  }
}

/// A match inside the bytes that were scanned.
@frozen public struct Match: Hashable, Sendable {
  /// Where it starts.
  public var offset: UInt32
  /// How many bytes it has.
  public var length: UInt32
}

/// The matches of one call of a pattern: a list of fixed capacity, so that a scan allocates nothing as it goes.
@safe public struct MatchList: ~Copyable {
  /// How many matches it can hold.
  public let capacity: Int
  /// How many it holds.
  public private(set) var count = 0
  /// Where a pattern could not decide, because that would have taken too long.
  public private(set) var limits: [UInt32] = []
  private let storage: UnsafeMutablePointer<Match>

  /// Makes an empty list that can hold so many matches, one at least.
  public init(capacity: Int = 4096) {
    precondition(capacity > 0)
    self.capacity = capacity
    unsafe storage = .allocate(capacity: capacity)
  }

  deinit { unsafe storage.deallocate() }

  /// Whether there is no room for another one.
  public var isFull: Bool { count == capacity }

  /// Adds a match; there must be room.
  public mutating func append(_ match: Match) {
    precondition(count < capacity)
    unsafe (storage + count).initialize(to: match)
    count += 1
  }

  /// The match at a place.
  public subscript(index: Int) -> Match {
    precondition(index >= 0 && index < count)
    return unsafe storage[index]
  }

  /// Takes note of a place that could not be decided on.
  public mutating func noteLimit(at offset: Int) { limits.append(UInt32(offset)) }

  mutating func removeAll() {
    count = 0
    limits.removeAll(keepingCapacity: true)
  }

  /// Keeps of the matches from a place on those that are wanted.
  mutating func keep(from first: Int, where isWanted: (Match) -> Bool) {
    let end = count
    count = first
    for index in first..<end where unsafe isWanted(storage[index]) {
      unsafe storage[count] = storage[index]
      count += 1
    }
  }

  /// Lets a kernel fill the room that is left; it returns how many it added.
  mutating func fill(_ body: (UnsafeMutablePointer<Match>, _ capacity: Int) -> Int) {
    let added = unsafe body(storage + count, capacity - count)
    precondition(added >= 0 && added <= capacity - count)
    count += added
  }
}
