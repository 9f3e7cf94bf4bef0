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

  /// Writes what a match means, for one whose bytes are not its text; false where they are.
  func write(_ match: RawSpan, to text: inout [UInt8]) -> Bool
}

extension Pattern {
  /// Most patterns have boundaries of their own.
  public var wholeWord: (any Pattern)? { nil }

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

  mutating func removeAll() { count = 0 }

  /// Lets a kernel fill the room that is left; it returns how many it added.
  mutating func fill(_ body: (UnsafeMutablePointer<Match>, _ capacity: Int) -> Int) {
    let added = unsafe body(storage + count, capacity - count)
    precondition(added >= 0 && added <= capacity - count)
    count += added
  }
}
