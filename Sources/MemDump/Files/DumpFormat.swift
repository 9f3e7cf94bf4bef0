/// The format of a dump file. A new format is a file in `Dump/Formats/`, a case here and a line in `layout`.
public enum DumpFormat: String, CaseIterable, Sendable {
  /// The bytes of one stretch of memory and nothing else.
  case raw
  /// An ELF core: any number of regions, and what debuggers want to know of the process.
  case core

  /// The layout of the file: which bytes go where.
  func layout(_ image: ProcessImage) -> FileLayout {
    switch self {
    case .raw: RawFormat.layout(image)
    case .core: CoreFormat.layout(image)
    }
  }
}
