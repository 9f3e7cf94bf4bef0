/// The memory of a process with jemalloc or tcmalloc, made of an input: little of it is present, and all else reads as zeros.
public enum PageMapInput {
  /// A stretch of memory that is mapped.
  public typealias Region = (start: UInt64, byteCount: UInt64, name: String)

  /// The variables of the library, the heap, what the allocator keeps for itself, and a stretch with thread-local variables.
  public static let (data, heap, structures, threads): (UInt64, UInt64, UInt64, UInt64) = (
    0x7b00_0000_0000, 0x7a00_0000_0000, 0x7a40_0000_0000, 0x7a80_0000_0000
  )
  /// The memory that is mapped, in order.
  public static let regions: [Region] = [
    (heap, 16 << 20, ""), (structures, 8 << 20, ""), (threads, 1 << 16, ""), (data, 4 << 20, "/opt/libsome.so"),
  ]

  /// What of it an input of the first heap has, in order: the library's word of the root, the pointer to a thread, then as below.
  public struct Layout: Sendable {
    /// How many bytes of the input go where.
    public let parts: [(start: UInt64, count: Int)]

    /// The bytes of an input that are present, in order of addresses.
    public func contents(_ input: [UInt8]) -> [(start: UInt64, bytes: [UInt8])] {
      var rest = input[...]
      var contents: [(start: UInt64, bytes: [UInt8])] = []
      for (start, count) in parts {
        let bytes = rest.prefix(count)
        rest = rest.dropFirst(count)
        if !bytes.isEmpty { contents.append((start, Array(bytes))) }
      }
      return contents.sorted { $0.start < $1.start }
    }
  }

  /// The pages in the data where a root begins, a little behind.
  private static let root = data + 0x318
  /// The leaf, and the middle level of a deep tree.
  public static let (leaf, middle): (UInt64, UInt64) = (structures + 0x1000, structures + 0x40_0000)
  /// The structures of extents or spans.
  public static let records: UInt64 = structures + 0x30_0000
  /// What a thread keeps for itself.
  public static let cache: UInt64 = threads + 0x240

  /// jemalloc with two levels.
  public static let jemalloc = Layout(parts: [
    (structures, 16), (root + (heap >> 30) * 8, 8), (data + 0x30_0000, 16), (leaf, 64 * 8), (records, 16 * 128),
    (cache, 48 * 24), (threads + 0x1000, 1024), (heap, 4096),
  ])
  /// jemalloc with three levels.
  public static let deepJemalloc = Layout(parts: [
    (structures, 16), (root + (heap >> 42) * 8, 8), (data + 0x30_0000, 16), (middle + (heap >> 27 & 0x7fff) * 8, 8),
    (leaf, 64 * 16), (records, 16 * 128), (cache, 48 * 24), (threads + 0x1000, 1024), (heap, 4096),
  ])
  /// tcmalloc, with the sizes of its classes and its shared lists.
  public static let tcmalloc = Layout(parts: [
    (root + (heap >> 31) * 8, 8), (data + 0x30_0000, 16), (data + 0x30_1000, 96 * 4), (data + 0x31_0000, 27 * 1216),
    (leaf, 64 * 8), (records, 16 * 48), (threads + 0x1000, 128 * 32 + 256), (heap, 1 << 16),
  ])
  /// Each of them.
  public static let all = [jemalloc, deepJemalloc, tcmalloc]

  /// The address of the root.
  public static var rootAddress: UInt64 { root }
}

extension PageMapInput {
  /// The layout of an input, which its first byte tells, and what of the input is in memory.
  public static func layout(of input: [UInt8]) -> (layout: Layout, rest: [UInt8])? {
    input.first.map { (all[Int($0) % all.count], Array(input.dropFirst())) }
  }
}
