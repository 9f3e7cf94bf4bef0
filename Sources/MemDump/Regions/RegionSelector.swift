/// A person's choice of memory: the `SEL` of the command line.
public enum RegionSelector: Hashable, Sendable {
  /// The region of this number in the map: `12`, or `#12`.
  case number(Int)
  /// The region that holds this address: `0x1821000`. Inside the heap, the whole heap.
  case address(Address)
  /// These addresses, all of them mapped: `0x1821000-0x4e02000` or `0x1821000+64K`.
  case range(Range<Address>)
  /// The region that holds most of what the process itself wrote: `largest`.
  case largest
  /// The regions of this kind: `heap`, `stack`, `anon` and so on.
  case kind(RegionKind)
  /// The mapping of this file, by its path, its file name, or how its file name starts: `libssl.so`.
  case file(String)

  /// Reads a selector. Throws ``MemDumpError/Code/badSelector``.
  public init(parsing text: String) throws(MemDumpError) {
    if let kind = RegionKind(rawValue: text) {
      self = .kind(kind)
    } else if text == "largest" {
      self = .largest
    } else if text.hasPrefix("#") || (!text.isEmpty && Self.areDigits(text)) {
      let digits = text.hasPrefix("#") ? text.dropFirst() : text[...]
      guard Self.areDigits(digits), let number = Int(digits), number > 0 else {
        throw MemDumpError(.selector(text, .notASelector))
      }
      self = .number(number)
    } else if let range = try Self.range(text) {
      self = .range(range)
    } else if text.hasPrefix("0x") {
      guard let address = Address(parsing: text) else { throw MemDumpError(.selector(text, .notASelector)) }
      self = .address(address)
    } else if text.isEmpty {
      throw MemDumpError(.selector(text, .notASelector))
    } else {
      self = .file(text)
    }
  }

  /// The address ranges that the selector matches: adjacent regions that belong together as one.
  ///
  /// - Parameters:
  ///   - regions: the memory map.
  ///   - target: the process that errors name.
  /// - Throws: ``MemDumpError/Code/badSelector`` where nothing matches, or a range is not mapped all over.
  public func ranges(
    in regions: [MemoryRegion], of target: ProcessLabel? = nil
  ) throws(MemDumpError) -> [Range<Address>] {
    let ranges: [Range<Address>]
    switch self {
    case .number(let number):
      ranges = regions.filter { $0.number == number }.map(\.range)
    case .address(let address):
      guard let index = regions.index(holding: address) else { ranges = []; break }
      ranges =
        regions[index].kind == .heap
        ? Self.joined(regions.filter { $0.kind == .heap }).filter { $0.contains(address) } : [regions[index].range]
    case .range(let range):
      ranges = [range]
      try Self.checkMapped(range, regions, description)
    case .largest:
      ranges = Self.largest(regions).map { [$0] } ?? []
    case .kind(let kind):
      ranges = Self.joined(regions.filter { $0.kind == kind })
    case .file(let name):
      ranges = Self.joined(Self.mappings(of: name, in: regions))
    }
    guard !ranges.isEmpty else { throw MemDumpError(.selector(description, .nothingMatches(target))) }
    return ranges
  }

  /// The one address range that the selector matches.
  ///
  /// - Throws: ``MemDumpError/Code/badSelector`` where nothing matches, or more than one range.
  public func range(
    in regions: [MemoryRegion], of target: ProcessLabel? = nil
  ) throws(MemDumpError) -> Range<Address> {
    let ranges = try ranges(in: regions, of: target)
    guard ranges.count == 1, let range = ranges.first else {
      let starts = Set(ranges.map(\.lowerBound))
      throw MemDumpError(
        .selector(description, .severalMatch(regions.filter { starts.contains($0.range.lowerBound) }.map(\.line))))
    }
    return range
  }

  private static func areDigits(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func range(_ text: String) throws(MemDumpError) -> Range<Address>? {
    if let plus = text.firstIndex(of: "+"), let start = Address(parsing: text[..<plus]) {
      guard let size = ByteSize(parsing: String(text[text.index(after: plus)...])) else {
        throw MemDumpError(.selector(text, .notASelector))
      }
      guard size.byteCount > 0, start + size.byteCount > start else {
        throw MemDumpError(.selector(text, .endNotAfterStart))
      }
      return start..<(start + size.byteCount)
    }
    guard let dash = text.firstIndex(of: "-") else { return nil }
    let (first, second) = (text[..<dash], text[text.index(after: dash)...])
    // The bare form is for what is pasted from /proc/PID/maps; five digits keep it apart from file names.
    let isBare = first.count >= 5 && second.count >= 5
    guard let start = Address(parsing: first) ?? (isBare ? Address(hexadecimal: first) : nil),
      let end = Address(parsing: second) ?? Address(hexadecimal: second)
    else { return nil }
    guard start < end else { throw MemDumpError(.selector(text, .endNotAfterStart)) }
    return start..<end
  }

  /// Joins adjacent regions of one heap or file, which are one to the user: fork splits `[heap]`, the linker a library.
  private static func joined(_ regions: [MemoryRegion]) -> [Range<Address>] {
    var joined: [Range<Address>] = []
    var previous: MemoryRegion?
    for region in regions {
      let belongs = previous.map {
        $0.range.upperBound == region.range.lowerBound && $0.name == region.name
          && (region.kind == .heap || !region.name.isEmpty)
      }
      if belongs == true, let last = joined.popLast() {
        joined.append(last.lowerBound..<region.range.upperBound)
      } else {
        joined.append(region.range)
      }
      previous = region
    }
    return joined
  }

  private static func largest(_ regions: [MemoryRegion]) -> Range<Address>? {
    let own = OwnWriting.withSharedMemory.regions(in: regions)
    func weight(_ range: Range<Address>) -> UInt64 {
      own.filter { range.contains($0.range.lowerBound) }
        .reduce(0) { $0 &+ ($1.usage.map { usage in usage.resident &+ usage.swap } ?? $1.byteCount) }
    }
    return joined(own).map { ($0, weight($0)) }
      .max { ($0.1, $1.0.lowerBound) < ($1.1, $0.0.lowerBound) }?.0
  }

  /// The mappings of a file whose name is written as it is, or as reports print it.
  private static func mappings(of name: String, in regions: [MemoryRegion]) -> [MemoryRegion] {
    let files = regions.filter { !$0.name.isEmpty }
    let found = mappings(of: Array(name.utf8), in: files)
    return found.isEmpty ? mappings(of: EscapedText.bytes(of: name), in: files) : found
  }

  private static func mappings(of wanted: [UInt8], in files: [MemoryRegion]) -> [MemoryRegion] {
    let byPath = files.filter { $0.name == wanted }
    if !byPath.isEmpty { return byPath }
    let byName = files.filter { $0.fileName.elementsEqual(wanted) }
    return byName.isEmpty ? files.filter { $0.fileName.starts(with: wanted) } : byName
  }

  private static func checkMapped(
    _ range: Range<Address>, _ regions: [MemoryRegion], _ description: String
  ) throws(MemDumpError) {
    var mapped: [Range<Address>] = []
    var reached = range.lowerBound
    var gap: Range<Address>?
    for region in regions[regions.firstIndex(endingAfter: range.lowerBound)...] {
      guard region.range.lowerBound < range.upperBound else { break }
      mapped.append(region.range.clamped(to: range))
      if region.range.lowerBound > reached { gap = gap ?? reached..<region.range.lowerBound }
      reached = region.range.upperBound
    }
    if reached < range.upperBound { gap = gap ?? reached..<range.upperBound }
    if let gap { throw MemDumpError(.selector(description, .unmapped(gap, mapped: mapped))) }
  }
}

extension MemoryRegion {
  /// The region as errors list it.
  var line: MemDumpError.RegionLine {
    .init(
      number: number, start: range.lowerBound, byteCount: byteCount, permissions: permissions.description, label: label)
  }
}

extension RegionSelector: CustomStringConvertible {
  /// The selector as the command line writes it.
  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .address(let address): address.description
    case .range(let range): "\(range.lowerBound)-\(range.upperBound)"
    case .largest: "largest"
    case .kind(let kind): kind.rawValue
    case .file(let name): name
    }
  }
}
