/// The numbers of size classes, found by size.
struct ClassNumbers: Sendable {
  private static let smallLimit: UInt64 = 1 << 16
  private var small = [Int32](repeating: -1, count: Int(smallLimit / 8))
  private var large: [UInt64: Int] = [:]

  init(_ classes: some Sequence<HeapClass>) {
    for (number, row) in classes.enumerated() {
      if row.footprint < Self.smallLimit, row.footprint % 8 == 0 {
        small[Int(row.footprint / 8)] = Int32(truncatingIfNeeded: number)
      } else {
        large[row.footprint] = number
      }
    }
  }

  /// The number of the class with a footprint; nil where there is none.
  @inline(__always)
  func number(of footprint: UInt64) -> Int? {
    guard footprint < Self.smallLimit, footprint % 8 == 0 else { return large[footprint] }
    let number = small[Int(footprint / 8)]
    return number >= 0 ? Int(number) : nil
  }
}
