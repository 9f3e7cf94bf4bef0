/// The format of a dump file. A new format is a file beside this one, and a case here that answers each question.
public enum DumpFormat: String, CaseIterable, Sendable {
  /// The bytes of one stretch of memory and nothing else.
  case raw
  /// An ELF core: any number of regions, and what debuggers want to know of the process.
  case core

  /// Whether a file holds the bytes of one range and nothing else. Otherwise it tells of the whole process: all of its regions
  /// and the registers of its threads.
  package var holdsOneRange: Bool {
    switch self {
    case .raw: true
    case .core: false
    }
  }

  /// The stretches of regions that a file tells of and has no bytes for, in order.
  func missing(_ regions: [MemoryRegion], _ contents: [Range<Address>]) -> [Range<Address>] {
    switch self {
    case .raw: []
    case .core: CoreFormat.segments(regions, contents).map(\.missing).filter { !$0.isEmpty }
    }
  }

  /// The layout of the file: which bytes go where.
  func layout(_ image: ProcessImage) -> FileLayout {
    switch self {
    case .raw: RawFormat.layout(image)
    case .core: CoreFormat.layout(image)
    }
  }
}
