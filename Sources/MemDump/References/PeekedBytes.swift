/// The bytes at an address, with what lies there and where the pointers among them lead.
public struct PeekedBytes: Sendable {
  /// A pointer: where it stands, and what it leads to.
  public struct Pointer: Sendable {
    /// The address of the word.
    public var address: Address
    /// What the word leads to.
    public var target: AddressPlace
  }

  /// The pointers that were followed to get there.
  public private(set) var followed: [Pointer] = []
  /// What lies at the address.
  public let place: AddressPlace
  /// The bytes, up to the first that was not read.
  public private(set) var bytes: [UInt8] = []
  /// The word for why there are fewer bytes, though the memory goes on: see ``UnreadReason/name``, or `not-taken` where
  /// the look took no more of it; nil where there are as many as were asked for.
  public private(set) var gap: String?
  /// The pointers among the bytes: aligned words that lead to mapped memory.
  public private(set) var pointers: [Pointer] = []

  /// The most bytes of a block that are looked at where no number is given, and those of what is no block.
  public static let (mostOfBlock, unasked): (UInt64, UInt64) = (256, 64)
  /// The most bytes that are looked at, however many are asked for.
  public static let most: UInt64 = 1 << 20

  /// What a look at a process has to take beside what the process itself wrote: what is mapped of the bytes that are asked
  /// for, and what the loader wrote and sealed (RELRO), where tables of functions are that objects lead to.
  public static func ranges(_ asked: Range<Address>, in map: [MemoryRegion]) -> [Range<Address>] {
    map.compactMap { region in
      let isSealed =
        region.kind == .file && !region.permissions.contains(.write) && !region.permissions.contains(.shared)
        && region.usage.map { $0.privateDirty > 0 } ?? false
      if isSealed { return region.range }
      return region.range.overlaps(asked) ? region.range.clamped(to: asked) : nil
    }
  }

  /// Looks at an address.
  ///
  /// - Parameters:
  ///   - address: where to look.
  ///   - byteCount: how many bytes, up to ``most``, in the region of the address; nil for the rest of the block in use
  ///     that the address lies in, up to ``mostOfBlock``, or ``unasked`` bytes where there is none.
  ///   - count: how many pointers to follow first: to where the word at the address leads, and so on.
  ///   - source: the memory.
  ///   - lookup: a lookup in it.
  /// - Throws: ``MemDumpError/Code/noAddress`` where no memory is mapped there, or a pointer on the way was not read.
  public init(
    at address: Address, byteCount: UInt64? = nil, following count: Int = 0, in source: any MemorySource,
    _ lookup: inout AddressLookup
  ) throws(MemDumpError) {
    var address = address
    for _ in 0..<count {
      guard let word = try lookup.word(at: address) else { throw MemDumpError(.address(address, .notRead)) }
      guard let target = try lookup.place(of: Address(word)) else {
        throw MemDumpError(.address(Address(word), .unmapped(from: address)))
      }
      followed.append(Pointer(address: address, target: target))
      address = target.address
    }
    guard let place = try lookup.place(of: address) else {
      throw MemDumpError(.address(address, .unmapped(from: nil)))
    }
    self.place = place
    let wanted = Range(start: address, byteCount: min(byteCount ?? Self.byteCount(of: place), Self.most))
    (bytes, gap) = try Self.read(wanted.clamped(to: place.region.range), of: source)
    try findPointers(&lookup)
  }

  private static func byteCount(of place: AddressPlace) -> UInt64 {
    guard case .block(let block, _) = place.use else { return unasked }
    return min(mostOfBlock, max(1, block.content.upperBound - place.address))
  }

  /// The bytes of a range up to the first that was not read, and why there are no more.
  private static func read(
    _ range: Range<Address>, of source: any MemorySource
  ) throws(MemDumpError) -> ([UInt8], String?) {
    let count = Int(range.byteCount)
    var bytes = [UInt8](repeating: 0, count: count)
    var (filled, gap): (Int, String?) = (0, nil)
    do {
      var span = bytes.mutableSpan
      var buffer = unsafe span.mutableBytes
      while filled < count, gap == nil {
        let runs = try buffer.withPart(filled..<count) { (part: inout MutableRawSpan) throws(MemDumpError) in
          try source.read(at: range.lowerBound + UInt64(filled), into: &part)
        }
        if runs.isEmpty { gap = "not-taken" }
        for run in runs where gap == nil && filled < count {
          guard case .unread(let reason) = run.content else {
            filled += Int(min(run.byteCount, UInt64(count - filled)))
            continue
          }
          gap = reason.name
        }
      }
    }
    bytes.removeLast(count - filled)
    return (bytes, gap)
  }

  private mutating func findPointers(_ lookup: inout AddressLookup) throws(MemDumpError) {
    var offset = Int(place.address.alignedUp(to: 8) - place.address)
    while let word = bytes.load(UInt64.self, at: offset) {
      if let target = try lookup.place(of: Address(word)) {
        pointers.append(Pointer(address: place.address + UInt64(offset), target: target))
      }
      offset += 8
    }
  }
}
