public import MemDump

/// A program that keeps the books of its heap, `heap-books`, whose source documents its modes and commands.
public final class HeapBooks {
  /// An entry of the books: a block that is in use.
  public struct Entry: Hashable, Sendable {
    /// The address of the block, as the program got it.
    public var address: Address
    /// The bytes that the program asked for.
    public var byteCount: UInt64
    /// The alignment that it asked for; 0 where it asked for none.
    public var alignment: UInt64
  }

  /// The number of the process.
  public let id: ProcessID
  /// The number of the process, as the system has it.
  public var pid: Int32 { child.id }
  private let child: Child
  private let table: Range<Address>

  private static let entryByteCount = 24

  /// Starts it and waits until it is ready.
  ///
  /// - Parameters:
  ///   - arguments: the mode, and what else it is given.
  ///   - program: another build of it, such as one of ``built(by:_:)``.
  ///   - preload: the path of the allocator that it has instead of that of the C library.
  ///   - environment: the settings of the allocator.
  public init(
    _ arguments: String..., program: String? = nil, preload: String? = nil, environment: [String: String] = [:]
  ) throws {
    let preloaded = preload.map { environment.merging(["LD_PRELOAD": $0]) { $1 } } ?? environment
    child = try Child(program ?? Programs.path("heap-books"), arguments, environment: preloaded)
    guard let id = ProcessID(rawValue: child.id) else { throw TestFailure("no process") }
    self.id = id
    let words = try child.readLine(within: .seconds(120)).split(separator: " ").map(String.init)
    guard words.count == 3, words[0] == "books", let start = UInt64(words[1].dropFirst(2), radix: 16),
      let count = UInt64(words[2]), try child.readLine() == "ready"
    else { throw TestFailure("heap-books said: \(words)") }
    table = Range(start: Address(start), byteCount: count * UInt64(Self.entryByteCount))
  }

  /// What the library opens of it.
  public func target() throws -> TargetProcess { try TargetProcess(id) }

  /// The entries of the books in a look at the process: exact where it is a look at one instant.
  public func entries(in source: any MemorySource) throws -> [Entry] {
    let bytes = try source.contents(table).bytes
    func word(_ offset: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
    return stride(from: 0, to: bytes.count, by: Self.entryByteCount).compactMap { offset in
      let address = word(offset)
      return address == 0
        ? nil : Entry(address: Address(address), byteCount: word(offset + 8), alignment: word(offset + 16))
    }
  }

  /// What its allocator says of itself.
  public func statistics() throws -> [String: UInt64] {
    var values: [String: UInt64] = [:]
    child.send(Array("stats\n".utf8))
    while true {
      let words = try child.readLine().split(separator: " ").map(String.init)
      if words == ["done"] { return values }
      guard words.count == 3, words[0] == "stat", let value = UInt64(words[2]) else {
        throw TestFailure("heap-books said: \(words)")
      }
      values[words[1]] = value
    }
  }

  /// Has its allocator give back to the system what it would, and tells the resident anonymous bytes before and after.
  public func giveBack() throws -> (function: String, before: UInt64, after: UInt64) {
    child.send(Array("give-back\n".utf8))
    let words = try child.readLine().split(separator: " ").map(String.init)
    guard words.count == 4, words[0] == "gave", let before = UInt64(words[2]), let after = UInt64(words[3]) else {
      throw TestFailure("heap-books said: \(words)")
    }
    return (words[1], before, after)
  }

  /// Has a seed go on by a step of its growth.
  public func step() throws {
    child.send(Array("step\n".utf8))
    guard try child.readLine() == "stepped" else { throw TestFailure("heap-books did not step") }
  }
}

extension HeapBooks {
  /// What a walk found, beside the books.
  public struct Comparison: CustomStringConvertible {
    /// The number of entries in the books.
    public var entryCount = 0
    /// The number of entries whose address is that of a block.
    public var exactCount = 0
    /// The entries that lie inside of a block, as aligned ones do where the allocator gives them a larger block.
    public var inside: [Entry] = []
    /// The entries that are in no block.
    public var missing: [Entry] = []
    /// The entries whose block is smaller than they are.
    public var short: [Entry] = []
    /// The number of entries whose block has the very size that was asked for.
    public var sameSizeCount = 0
    /// The blocks in use that are in no books.
    public var extra: [HeapBlock] = []

    /// The number of chains that those blocks make, each leading to the next by its first word: a thread of mimalloc takes a
    /// list of free blocks into its hand, and while it has it there no page knows that they are free.
    public var extraChainCount = 0

    /// The figures, and the first of what is not as it should be.
    public var description: String {
      "\(exactCount) of \(entryCount) at their address, \(inside.count) inside: \(inside.prefix(3)), "
        + "\(missing.count) missing: \(missing.prefix(3)), \(short.count) short: \(short.prefix(3)), "
        + "\(extra.count) extra in \(extraChainCount) chains: \(extra.prefix(8).map { "\($0.address) \($0.byteCount)" })"
    }
  }

  /// The number of blocks that none of the others leads to.
  private func chainCount(_ blocks: [HeapBlock], in source: any MemorySource) throws -> Int {
    let followers = try Set(
      blocks.map { block in
        let bytes = try source.contents(Range(start: block.address, byteCount: 8)).bytes
        return (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
      })
    return blocks.count { !followers.contains($0.address.rawValue) }
  }

  /// Compares the blocks in use of a heap with the books.
  ///
  /// - Parameters:
  ///   - heaps: the heaps that were walked.
  ///   - source: the memory that was walked.
  public func compare(_ heaps: [HeapSummary], in source: any MemorySource) throws -> Comparison {
    var blocks: [HeapBlock] = []
    for heap in heaps {
      try heap.forEachBlock(in: source) { (block) throws(MemDumpError) in
        blocks.append(block)
        return true
      }
    }
    blocks.sort { $0.address < $1.address }
    var comparison = Comparison()
    var isKnown = [Bool](repeating: false, count: blocks.count)
    for entry in try entries(in: source) {
      comparison.entryCount += 1
      var (low, high) = (0, blocks.count)
      while low < high {
        let middle = (low + high) / 2
        if blocks[middle].address <= entry.address { low = middle + 1 } else { high = middle }
      }
      guard low > 0, entry.address < blocks[low - 1].content.upperBound, !isKnown[low - 1] else {
        comparison.missing.append(entry)
        continue
      }
      let block = blocks[low - 1]
      isKnown[low - 1] = true
      if block.address == entry.address { comparison.exactCount += 1 } else { comparison.inside.append(entry) }
      if block.content.upperBound - entry.address < entry.byteCount { comparison.short.append(entry) }
      if block.address == entry.address, block.byteCount == entry.byteCount { comparison.sameSizeCount += 1 }
    }
    comparison.extra = zip(blocks, isKnown).filter { !$0.1 }.map(\.0)
    comparison.extraChainCount = try chainCount(comparison.extra, in: source)
    return comparison
  }
}
