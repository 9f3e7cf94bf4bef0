/// An amount of memory, as the kernel counts it, in bytes.
public struct MemoryAmount: Hashable, Sendable {
  /// The addresses that are taken, whether or not there is memory behind them.
  public var virtual: UInt64 = 0
  /// The memory that is resident (RSS); of a core what the file holds.
  public var resident: UInt64 = 0
  /// The resident memory, each page divided by the number of processes that share it (PSS).
  public var proportional: UInt64 = 0
  /// The resident memory that one process alone has, and has changed.
  public var privateDirty: UInt64 = 0
  /// The memory that is swapped out.
  public var swapped: UInt64 = 0

  /// Makes an amount; without arguments, none.
  public init(
    virtual: UInt64 = 0, resident: UInt64 = 0, proportional: UInt64 = 0, privateDirty: UInt64 = 0, swapped: UInt64 = 0
  ) {
    (self.virtual, self.resident, self.proportional) = (virtual, resident, proportional)
    (self.privateDirty, self.swapped) = (privateDirty, swapped)
  }

  /// Makes the amount of a mapping.
  init(_ region: MemoryRegion) {
    self.init(virtual: region.byteCount, usage: region.usage ?? MemoryRegion.Usage())
  }

  init(virtual: UInt64 = 0, usage: MemoryRegion.Usage) {
    self.init(
      virtual: virtual, resident: usage.resident, proportional: usage.proportional, privateDirty: usage.privateDirty,
      swapped: usage.swap)
  }

  /// Adds another amount.
  public static func += (sum: inout MemoryAmount, more: MemoryAmount) {
    sum.virtual &+= more.virtual
    sum.resident &+= more.resident
    sum.proportional &+= more.proportional
    sum.privateDirty &+= more.privateDirty
    sum.swapped &+= more.swapped
  }
}
