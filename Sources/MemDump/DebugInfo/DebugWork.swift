/// The steps that are left for reading the debug information of a file: what it says of its own size and shape is not believed.
final class DebugWork {
  private var left: Int
  /// Whether something was left out for want of steps.
  private(set) var isUsedUp = false

  init(steps: Int = 1 << 28) { left = steps }

  /// Whether so many steps may be made.
  func take(_ count: Int = 1) -> Bool {
    guard count <= left else {
      isUsedUp = true
      return false
    }
    left -= count
    return true
  }
}
