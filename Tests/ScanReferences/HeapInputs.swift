/// The memory of a process with mimalloc, made of an input: the data of its library, a segment of mimalloc 2, and a page map of
/// mimalloc 3 with a page. What the input does not reach is zeros.
public enum MimallocInput {
  /// A stretch of memory.
  public typealias Piece = (start: UInt64, bytes: [UInt8], name: String, inode: Int)

  /// The data of the library, the segment, and the first slice of it that has blocks.
  public static let (data, segment, blocks): (UInt64, UInt64, UInt64) = (
    0x7f00_0000_0000, 0x7e00_0000_0000, 0x7e00_0001_0000
  )
  /// The page map, its part that the second entry leads to, and the page that the part's first entry leads to.
  public static let (map, part, page): (UInt64, UInt64, UInt64) = (0x7d00_0000_0000, 0x7c00_0000_0000, 0x2000_0000)
  /// The size of the first level of the page map, in bytes.
  public static let mapByteCount: UInt64 = 4096

  /// How many bytes of the input go where, in order.
  public static let layout: [(start: UInt64, count: Int)] = [
    (data, 512), (segment, 1024), (blocks, 2048), (map, 64), (part, 64), (page, 2048),
  ]
  private static let pieces: [(start: UInt64, count: Int, name: String, inode: Int)] = [
    (data, 4096, "/lib/libmimalloc.so", 7), (segment, 4 << 16, "", 0), (map, 2 * 4096, "", 0), (part, 1 << 16, "", 0),
    (page, 2 << 16, "", 0),
  ]

  /// The memory of an input.
  public static func memory(_ input: [UInt8]) -> [Piece] { filled(pieces, layout, input) }
}

/// The memory of a process with musl's malloc, made of an input: the data of the program, a meta area, and a group of slots.
public enum MuslInput {
  /// The data of the program, the meta area, and the group.
  public static let (data, area, group): (UInt64, UInt64, UInt64) = (0x40_f000, 0x5555_0000_0000, 0x7e00_0000_0000)

  /// How many bytes of the input go where, in order.
  public static let layout: [(start: UInt64, count: Int)] = [(data, 1024), (area, 512), (group, 4096)]

  /// The memory of an input.
  public static func memory(_ input: [UInt8]) -> [MimallocInput.Piece] {
    filled([(data, 4096, "/bin/program", 7), (area, 4096, "[heap]", 0), (group, 2 << 16, "", 0)], layout, input)
  }
}

/// The memory of a process of PHP, made of an input: the front of a chunk, with a huge block behind it.
public enum ZendInput {
  /// Where the chunk begins, and the bytes of it and of what lies behind it.
  public static let (base, byteCount): (UInt64, Int) = (0x7f00_0020_0000, (2 << 20) + 8192)

  /// The memory of an input.
  public static func memory(_ input: [UInt8]) -> [MimallocInput.Piece] {
    filled([(base, byteCount, "", 0)], [(base, 16384)], input)
  }
}

private func filled(
  _ pieces: [(start: UInt64, count: Int, name: String, inode: Int)], _ layout: [(start: UInt64, count: Int)],
  _ input: [UInt8]
) -> [MimallocInput.Piece] {
  var memory: [MimallocInput.Piece] = pieces.map {
    ($0.start, [UInt8](repeating: 0, count: $0.count), $0.name, $0.inode)
  }
  var rest = input[...]
  for (start, count) in layout {
    let bytes = rest.prefix(count)
    rest = rest.dropFirst(count)
    guard let piece = memory.lastIndex(where: { $0.start <= start && start - $0.start < UInt64($0.bytes.count) }) else {
      continue
    }
    let offset = Int(start - memory[piece].start)
    memory[piece].bytes.replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }
  return memory
}
