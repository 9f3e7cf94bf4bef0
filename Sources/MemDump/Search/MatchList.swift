/// A match inside the bytes that were scanned.
@frozen public struct Match: Hashable, Sendable {
  /// The offset of the first byte in the scanned bytes.
  public var offset: UInt32
  /// The length of the match, in bytes.
  public var length: UInt32
}

/// The matches of one call of a pattern: a list of fixed capacity, so that a scan allocates nothing as it goes.
@safe public struct MatchList: ~Copyable {
  /// How many matches the list can hold.
  public let capacity: Int
  /// How many matches the list holds.
  public private(set) var count = 0
  /// The offsets at which a pattern could not decide, because that would have taken too long.
  public private(set) var limits: [UInt32] = []
  private let storage: UnsafeMutablePointer<Match>

  /// Makes an empty list with room for `capacity` matches, one at least.
  public init(capacity: Int = 4096) {
    precondition(capacity > 0)
    self.capacity = capacity
    unsafe storage = .allocate(capacity: capacity)
  }

  deinit { unsafe storage.deallocate() }

  /// Whether there is no room for another match.
  public var isFull: Bool { count == capacity }

  /// Adds a match; there must be room.
  public mutating func append(_ match: Match) {
    precondition(count < capacity)
    unsafe (storage + count).initialize(to: match)
    count += 1
  }

  /// The match at an index.
  public subscript(index: Int) -> Match {
    precondition(index >= 0 && index < count)
    return unsafe storage[index]
  }

  /// Takes note of an offset at which a pattern could not decide.
  public mutating func noteLimit(at offset: Int) { limits.append(UInt32(offset)) }

  mutating func removeAll() {
    count = 0
    limits.removeAll(keepingCapacity: true)
  }

  /// Keeps those of the matches from index `first` on that are wanted.
  mutating func keep(from first: Int, where isWanted: (Match) -> Bool) {
    let end = count
    count = first
    for index in first..<end where unsafe isWanted(storage[index]) {
      unsafe storage[count] = storage[index]
      count += 1
    }
  }

  /// Lets a kernel fill the room that is left; `body` returns how many matches were added.
  mutating func fill(_ body: (UnsafeMutablePointer<Match>, _ capacity: Int) -> Int) {
    let added = unsafe body(storage + count, capacity - count)
    precondition(added >= 0 && added <= capacity - count)
    count += added
  }
}
