/// A note of an ELF file: a fact about the file, such as the registers of a thread in a core.
struct ELFNote {
  /// The kind of a note (n_type). Each owner has numbers of its own.
  struct Kind: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt32

    /// A thread and its general registers (NT_PRSTATUS).
    static let threadStatus = Kind(rawValue: 1)
    /// Registers for floating point (NT_FPREGSET).
    static let floatingPoint = Kind(rawValue: 2)
    /// The process (NT_PRPSINFO).
    static let process = Kind(rawValue: 3)
    /// The build-id, of the owner GNU (NT_GNU_BUILD_ID).
    static let buildID = Kind(rawValue: 3)
    /// The pairs of numbers that the kernel gave the process at its start (NT_AUXV).
    static let auxiliaryVector = Kind(rawValue: 6)
    /// The signal that a thread was on its way to (NT_SIGINFO).
    static let signal = Kind(rawValue: 0x5349_4749)
    /// The mapped files (NT_FILE).
    static let files = Kind(rawValue: 0x4649_4c45)
  }

  /// The owner, whose numbers the kind is of, without the NUL at its end.
  var owner: ArraySlice<UInt8>
  /// The kind of the note.
  var kind: Kind
  /// The content of the note.
  var content: ArraySlice<UInt8>
}

/// A row of notes, each part of which is padded to four bytes; the row ends at the first note that is not whole.
struct ELFNotes: Sequence, IteratorProtocol {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> ELFNote? {
    guard let nameByteCount = bytes.load(UInt32.self, at: offset),
      let byteCount = bytes.load(UInt32.self, at: offset + 4), let kind = bytes.load(UInt32.self, at: offset + 8)
    else { return nil }
    let name = offset + 12
    let start = Self.padded(name + Int(nameByteCount))
    let end = start + Int(byteCount)
    guard end <= bytes.count else { return nil }
    offset = Self.padded(end)
    return ELFNote(
      owner: bytes[name..<name + Int(nameByteCount)].prefix { $0 != 0 }, kind: .init(rawValue: kind),
      content: bytes[start..<end])
  }

  fileprivate static func padded(_ offset: Int) -> Int { (offset + 3) & ~3 }
}

extension [UInt8] {
  /// Appends a note to a row of notes.
  mutating func append(note kind: ELFNote.Kind, _ content: [UInt8], owner: String) {
    let name = Array(owner.utf8) + [0]
    for number in [UInt32(name.count), UInt32(content.count), kind.rawValue] { append(number: number) }
    for part in [name, content] {
      self += part
      self += [UInt8](repeating: 0, count: ELFNotes.padded(part.count) - part.count)
    }
  }
}
