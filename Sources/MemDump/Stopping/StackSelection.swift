/// A choice of the stacks of threads: from the stack pointer of each on, which is known only once the thread stands still.
public struct StackSelection: Sendable {
  /// The most bytes of a stack.
  public var byteCount: UInt64

  /// The bytes below the stack pointer that a function may use without a call (System V ABI, AMD64, 3.2.2).
  private static let redZone: UInt64 = 128
  /// The most bytes of all stacks together that are chosen.
  private static let mostBytes: UInt64 = 256 << 20
  /// Of a stack, so much is touched mostly.
  private static let usual: UInt64 = 16 << 10

  /// Chooses up to so many bytes of each stack.
  public init(byteCount: UInt64 = 256 << 10) { self.byteCount = byteCount }

  /// The room that the stacks of some threads take mostly, in bytes.
  func room(threadCount: Int) -> UInt64 { min(Self.mostBytes, UInt64(threadCount) * min(byteCount, Self.usual)) }

  /// The ranges of the stacks.
  func ranges(_ threads: [ThreadRegisters], in regions: [MemoryRegion]) -> [Range<Address>] {
    let most = min(byteCount, max(pageSize, Self.mostBytes / UInt64(max(1, threads.count))))
    return threads.compactMap { thread in
      guard let pointer = thread.stackPointer, let index = regions.index(holding: pointer) else { return nil }
      let range = (pointer - Self.redZone).pageStart..<(pointer + most).pageEnd
      return range.clamped(to: regions[index].range)
    }
  }
}
