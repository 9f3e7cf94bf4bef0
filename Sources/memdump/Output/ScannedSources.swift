import MemDump

/// The sources of a scan, by their numbers.
struct ScannedSources: Sendable {
  private var opened: [Int: (source: any MemorySource, word: String)] = [:]

  mutating func add(_ source: any MemorySource, number: Int, word: String) { opened[number] = (source, word) }

  /// The cores that end before what they say they hold.
  var truncated: [String] {
    opened.sorted { $0.key < $1.key }.compactMap {
      ($0.value.source as? CoreFile)?.isTruncated == true ? $0.value.word : nil
    }
  }

  /// How a source was called.
  func word(_ number: Int) -> String { opened[number]?.word ?? "" }

  /// The region of an occurrence.
  private func region(_ finding: Finding) -> MemoryRegion? {
    let regions = opened[finding.source]?.source.regions ?? []
    return regions.indices.contains(finding.region) ? regions[finding.region] : nil
  }

  /// The name of the region of an occurrence.
  func label(_ finding: Finding) -> String { region(finding)?.label ?? "" }

  /// The mapped file that an occurrence is in, and where in it.
  func mappedPlace(of finding: Finding) -> (path: String, offset: UInt64)? {
    guard let region = region(finding), region.inode != 0, !region.name.isEmpty else { return nil }
    return (region.label, region.fileOffset &+ (finding.address - region.range.lowerBound))
  }

  /// The address in a process, where the source tells it.
  func address(_ address: Address, source number: Int) -> Address? {
    opened[number]?.source.hasAddresses == true ? address : nil
  }

  /// The place in a file, where the source is one.
  func offset(of address: Address, source number: Int) -> UInt64? { opened[number]?.source.fileOffset(of: address) }
}
