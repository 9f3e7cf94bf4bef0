import MemDump

/// A source of a scan, with the word that names it on the command line.
struct ScannedSource: Sendable {
  let memory: any MemorySource
  /// The word for the source, safe to print.
  let printableWord: String

  init(_ memory: any MemorySource, word: String) {
    (self.memory, printableWord) = (memory, EscapedText(word.utf8).description)
  }

  /// Whether the source is a core that ends before what it says it holds.
  var isTruncated: Bool { memory.isTruncated }

  /// The region of an occurrence.
  func region(of finding: Finding) -> MemoryRegion? {
    let regions = memory.regions
    return regions.indices.contains(finding.region) ? regions[finding.region] : nil
  }

  /// The name of the region of an occurrence.
  func label(of finding: Finding) -> String { region(of: finding)?.label ?? "" }

  /// The path of the mapped file that an occurrence is in, and the offset there, in bytes.
  func mappedPlace(of finding: Finding) -> (path: String, offset: UInt64)? {
    guard let region = region(of: finding), region.inode != 0, !region.name.isEmpty else { return nil }
    return (region.label, region.fileOffset &+ (finding.address - region.range.lowerBound))
  }

  /// The address in a process; nil where the source tells none.
  func address(_ address: Address) -> Address? { memory.hasAddresses ? address : nil }

  /// The file offset of an address; nil where the source is no file.
  func offset(of address: Address) -> UInt64? { memory.fileOffset(of: address) }
}

extension Field<Tally.Row> {
  /// The most sources that a cell names.
  private static var namedCount: Int { 3 }

  /// The field for the sources of a text; people see it where there are several.
  static func sources(_ sources: [Int: ScannedSource]) -> Field {
    @Sendable func words(_ row: Row) -> [String] { row.sources.compactMap { sources[$0]?.printableWord } }
    guard sources.count > 1 else { return Field(.sources, words) }
    return Field(.sources, words, .left("SOURCES", rank: 2)) { row in
      let words = words(row)
      let shown = words.prefix(namedCount).joined(separator: ", ")
      return words.count > namedCount ? "\(shown) and \(grouped(words.count - namedCount)) more" : shown
    }
  }
}
