/// The writable data of the modules of a process, where the variables of an allocator are, whether that is a library of its own
/// or a part of a program.
enum ModuleData {
  /// The most bytes that are taken of a mapping behind the data of a file: variables without an initial value (.bss), and what
  /// the kernel has joined with them.
  private static let mostBehind: UInt64 = 64 << 20
  /// The largest mapping that can be data where the map names no files, as in some cores.
  private static let mostUnnamed: UInt64 = 16 << 20

  /// The addresses of the data, in order, with the path of the file; empty where that is not known.
  static func stretches(_ regions: [MemoryRegion]) -> [(range: Range<Address>, path: [UInt8])] {
    var stretches: [(range: Range<Address>, path: [UInt8])] = []
    for region in regions where region.permissions.contains(.write) && !region.permissions.contains(.shared) {
      if region.kind == .file {
        stretches.append((region.range, region.name))
      } else if region.isPrivateAnonymous, let last = stretches.last, last.range.upperBound == region.range.lowerBound,
        region.kind != .heap
      {
        let byteCount = min(region.byteCount, mostBehind)
        stretches[stretches.count - 1].range =
          last.range.lowerBound..<Range(start: region.range.lowerBound, byteCount: byteCount).upperBound
      }
    }
    guard stretches.isEmpty else { return stretches }
    let small = regions.filter {
      $0.permissions.contains(.write) && $0.isPrivateAnonymous && $0.kind == .anonymous && $0.byteCount <= mostUnnamed
    }
    return small.map { ($0.range, []) }
  }
}
