import MemDump

/// A source of a scan, and how it was called.
struct ScannedSource: Sendable {
  let memory: any MemorySource
  /// How it was called, safe to print.
  let printableWord: String

  init(_ memory: any MemorySource, word: String) {
    (self.memory, printableWord) = (memory, EscapedText(word.utf8).description)
  }

  /// Whether it is a core that ends before what it says it holds.
  var isTruncated: Bool { memory.isTruncated }

  /// The region of an occurrence.
  func region(of finding: Finding) -> MemoryRegion? {
    let regions = memory.regions
    return regions.indices.contains(finding.region) ? regions[finding.region] : nil
  }

  /// The name of the region of an occurrence.
  func label(of finding: Finding) -> String { region(of: finding)?.label ?? "" }

  /// The mapped file that an occurrence is in, and where in it.
  func mappedPlace(of finding: Finding) -> (path: String, offset: UInt64)? {
    guard let region = region(of: finding), region.inode != 0, !region.name.isEmpty else { return nil }
    return (region.label, region.fileOffset &+ (finding.address - region.range.lowerBound))
  }

  /// The address in a process, where the source tells it.
  func address(_ address: Address) -> Address? { memory.hasAddresses ? address : nil }

  /// The place in a file, where the source is one.
  func offset(of address: Address) -> UInt64? { memory.fileOffset(of: address) }
}
