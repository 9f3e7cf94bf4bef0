/// Hands out numbers in the order of their costs, and of those of one cost in the order in which they came. No step may cost
/// more than ``mostStep`` above the cost of the number that was handed out last.
struct CostQueue {
  static let mostStep = 63

  private var lanes = Array(repeating: [Int](), count: mostStep + 1)
  private var next = 0
  private var count = 0
  /// The cost of the number that was handed out last.
  private(set) var cost = 0

  mutating func add(_ number: Int, step: Int) {
    lanes[(cost + min(step, Self.mostStep)) % lanes.count].append(number)
    count += 1
  }

  mutating func take() -> Int? {
    guard count > 0 else { return nil }
    while next == lanes[cost % lanes.count].count {
      lanes[cost % lanes.count].removeAll(keepingCapacity: true)
      (next, cost) = (0, cost + 1)
    }
    defer { (next, count) = (next + 1, count - 1) }
    return lanes[cost % lanes.count][next]
  }
}
