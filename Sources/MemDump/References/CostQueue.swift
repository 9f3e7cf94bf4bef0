/// A queue that hands out elements in the order of their costs, and elements of one cost in the order in which they
/// came. A new element costs up to ``mostStep`` more than the element that was handed out last.
struct CostQueue<Element> {
  static var mostStep: Int { 63 }

  private var lanes = Array(repeating: [Element](), count: mostStep + 1)
  private var next = 0
  private var count = 0
  private var cost = 0

  mutating func add(_ element: Element, step: Int) {
    lanes[(cost + min(step, Self.mostStep)) & Self.mostStep].append(element)
    count += 1
  }

  mutating func take() -> Element? {
    guard count > 0 else { return nil }
    while next == lanes[cost & Self.mostStep].count {
      lanes[cost & Self.mostStep].removeAll(keepingCapacity: true)
      (next, cost) = (0, cost + 1)
    }
    defer { (next, count) = (next + 1, count - 1) }
    return lanes[cost & Self.mostStep][next]
  }
}
