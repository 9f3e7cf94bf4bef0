/// The size classes of jemalloc 5 with pages of 4 KiB (sc.c): 8, 16, 32, 48, 64, and from there four for each doubling.
enum JemallocSizes {
  /// The number of classes whose blocks lie in slabs, the largest of 14,336 bytes.
  static let slabClassCount = 36
  /// The size of the largest of them, in bytes.
  static let largestInSlab: UInt64 = 14_336
  /// The number of all classes; an extent that no block has has a higher number.
  static let classCount = 232

  /// The size of each class, in bytes.
  static let byteCounts: [UInt64] = {
    var sizes: [UInt64] = [8, 16, 32, 48, 64]
    var shift: UInt64 = 6
    while sizes.count < classCount {
      for step in 1...4 as ClosedRange<UInt64> {
        sizes.append((1 << shift) &+ (step << (shift - 2)))
      }
      shift += 1
    }
    return Array(sizes.prefix(classCount))
  }()
}
