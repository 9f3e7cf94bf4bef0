/// The objects that were reached from some roots, in that order, the roots first, each with the one that led to it.
struct ReachedPlaces: Sendable {
  private(set) var (places, parents): ([UInt64], [Int32]) = ([], [])
  /// Their numbers by a hash of the address; a free slot has -1. Never more than half full.
  private var slots = [Int32](repeating: -1, count: 1 << 10)

  var count: Int { places.count }

  /// Adds an object. It is found by its address from then on, unless another one with that is.
  mutating func add(_ place: UInt64, from parent: Int) {
    places.append(place)
    parents.append(Int32(parent))
    if places.count * 2 > slots.count {
      slots = Array(repeating: -1, count: slots.count * 2)
      for number in places.indices { note(number) }
    } else {
      note(places.count - 1)
    }
  }

  private mutating func note(_ number: Int) {
    let slot = slot(of: places[number])
    if slots[slot] < 0 { slots[slot] = Int32(number) }
  }

  /// The slot that has an object, or would have it.
  private func slot(of place: UInt64) -> Int {
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
    var slot = Int((place &* 0x9e37_79b9_7f4a_7c15) >> 32) & (slots.count - 1)
    while slots[slot] >= 0, places[Int(slots[slot])] != place { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  /// The number of an object; nil where it was not reached.
  func number(of place: Address) -> Int? {
    let number = slots[slot(of: place.rawValue)]
    return number < 0 ? nil : Int(number)
  }

  /// The objects on the ways to some of them, each with those that it leads to there.
  func children(onWaysTo numbers: some Sequence<Int>) -> [Int: Set<Int>] {
    var children: [Int: Set<Int>] = [:]
    for var number in numbers {
      while parents[number] >= 0, children[Int(parents[number]), default: []].insert(number).inserted {
        number = Int(parents[number])
      }
    }
    return children
  }

  /// A key with its numbers left out, so that many keys of one form are one.
  static func normalised(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for byte in text {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      if !isDigit {
        result.append(byte)
      } else if result.last != UInt8(ascii: "#") {
        result.append(UInt8(ascii: "#"))
      }
    }
    return result
  }
}
