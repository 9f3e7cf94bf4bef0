/// The forms of a dump file. A new one is a file in `Dump/Formats/`, a case here and a line in `layout`.
public enum DumpFormat: String, CaseIterable, Sendable {
  /// The bytes of one stretch of memory and nothing else.
  case raw
  /// An ELF core: any number of regions, and what debuggers want to know of the process.
  case core

  /// Where in the file what goes.
  func layout(_ image: ProcessImage) -> FileLayout {
    switch self {
    case .raw: RawFormat.layout(image)
    case .core: CoreFormat.layout(image)
    }
  }
}

/// What a dump is made of, all but the memory itself.
struct ProcessImage: Sendable {
  /// The memory map.
  var regions: [MemoryRegion]
  /// What of it is to be in the file: in order, none twice, each mapped.
  var contents: [Range<Address>]
  /// What is told of the process.
  var facts: ProcessFacts
  /// The registers of its threads; empty where it was not stopped.
  var threads: [ThreadRegisters]
}

/// Where in a file what goes: bytes of the format's own in front, then memory.
struct FileLayout: Sendable {
  /// A stretch of memory, and where in the file it starts.
  struct Piece: Hashable, Sendable {
    var range: Range<Address>
    var offset: UInt64
  }

  /// What the file starts with.
  var header: [UInt8]
  /// In the order of their offsets.
  var pieces: [Piece]
  /// How long the file is.
  var byteCount: UInt64
}
