/// Objects of a heap with a collector that were seen handed out, and which of them its collections leave. Pure.
///
/// Nobody frees such an object: what a collection does not reach is free when its span has been swept, and soon handed out anew,
/// unseen. So each collection is asked for, one after the other: an object stays that was there after each of the first two. The
/// first one may have been under way when it was made, and leaves what is made meanwhile, reached or not.
struct CollectedObjects {
  /// What there is at the address of an object.
  enum Sight: Equatable {
    /// No object of its size begins there any more, or its collection did not reach it.
    case dead
    /// The collection reached it.
    case reached
    /// The collection has not swept there yet.
    case unswept
  }

  /// What an object was handed out by, and what it takes.
  struct Origin: Hashable {
    var path: Int
    var footprint: UInt64
  }

  private struct Object {
    var origin: Origin
    /// The collection before which it was made, and the last one that it was asked of.
    var (born, asked): (UInt32, UInt32)
  }

  /// How far apart the numbers of two collections are, and how many an object has to outlive.
  private static let (step, lives): (UInt32, UInt32) = (2, 2)
  /// The most objects that are kept.
  private static let most = 1 << 18

  private var objects: [Address: Object] = [:]
  /// The collection that all objects were asked of.
  private var settled: UInt32?
  /// Objects of which a collection was missed before they were known to stay.
  private(set) var missed: [Origin: Int] = [:]

  /// Adds an object. One that was at its address before is no more.
  ///
  /// - Parameter collection: the number of the last collection.
  mutating func add(_ block: Address, _ origin: Origin, born collection: UInt32) {
    guard objects.count < Self.most || objects[block] != nil else {
      missed[origin, default: 0] += 1
      return
    }
    objects[block] = Object(origin: origin, born: collection, asked: collection)
    settled = nil
  }

  /// Asks of each object whether a collection has left it.
  ///
  /// - Parameters:
  ///   - collection: the number of the last collection.
  ///   - sight: tells what there is at the address of an object of some size.
  mutating func ask(
    _ collection: UInt32, _ sight: (Address, UInt64) throws(MemDumpError) -> Sight
  ) throws(MemDumpError) {
    guard settled != collection else { return }
    var isSettled = true
    for (block, object) in objects where object.asked != collection {
      switch try sight(block, object.origin.footprint) {
      case .dead: objects[block] = nil
      case .unswept: isSettled = false
      case .reached:
        // Whatever was there may be another object where a collection was missed.
        if collection != object.asked &+ Self.step, !stays(object) {
          missed[object.origin, default: 0] += 1
          objects[block] = nil
        } else {
          objects[block]?.asked = collection
        }
      }
    }
    if isSettled { settled = collection }
  }

  private func stays(_ object: Object) -> Bool { object.asked &- object.born >= Self.step * Self.lives }

  /// The objects that stay.
  var staying: [(block: Address, origin: Origin)] {
    objects.filter { stays($0.value) }.map { ($0.key, $0.value.origin) }
  }

  /// The objects of which that is not known, by where they came from: too few collections came after them, or one was missed.
  var unknown: [Origin: Int] {
    objects.values.filter { !stays($0) }.reduce(into: missed) { $0[$1.origin, default: 0] += 1 }
  }
}
