/// The sections of debug information that a file has.
struct DebugSections {
  /// Why a section is there and cannot be used.
  enum Problem: Hashable {
    /// It is compressed by another method than zlib (ch_type).
    case compression(UInt32)
    /// What it is compressed to is larger than what is kept.
    case size
    /// What it is compressed to is damaged.
    case damaged
  }

  /// The names of the sections that are read.
  static let names = [
    ".debug_info", ".debug_abbrev", ".debug_str", ".debug_line", ".debug_line_str", ".debug_str_offsets", ".debug_addr",
    ".debug_ranges", ".debug_rnglists", ".debug_aranges",
  ]

  private(set) var problem: Problem?
  private var sections: [String: DebugSection] = [:]

  /// The most bytes of a section that was compressed.
  private static let mostBytes: UInt64 = 128 << 20
  private static let headerByteCount: UInt64 = 24
  /// The size of a piece of a file that is read at once, in bytes.
  private static let blockByteCount: UInt64 = 1 << 15

  /// - Parameters:
  ///   - object: the headers of the file.
  ///   - store: where what was read is kept.
  ///   - read: gives the bytes of a range of the file, as many as there are.
  ///   - keep: whether so many bytes more may be kept for as long as these sections are.
  init(
    _ object: ELFObject, _ store: BlockStore, _ read: @escaping ELFObject.Reader, keep: (UInt64) -> Bool
  ) {
    for name in Self.names {
      guard let section = object.debugSections[name] else { continue }
      if section.isCompressed {
        switch Self.inflated(section, read, keep: keep) {
        case .success(let bytes):
          sections[name] = DebugSection(byteCount: UInt64(bytes.count)) {
            Array(bytes[Int($0.lowerBound)..<Int($0.upperBound)])
          }
        case .failure(let failure): problem = problem ?? failure.problem
        }
      } else {
        sections[name] = Self.plain(section, store, read)
      }
    }
  }

  /// A section by its name; nil where there is none that can be used.
  subscript(name: String) -> DebugSection? { sections[name] }

  private struct Failure: Error { var problem: Problem }

  private static func plain(
    _ section: ELFSection, _ store: BlockStore, _ read: @escaping ELFObject.Reader
  ) -> DebugSection {
    let owner = store.newOwner()
    return DebugSection(byteCount: section.byteCount) { range in
      var bytes: [UInt8] = []
      var number = range.lowerBound / blockByteCount
      while number * blockByteCount < range.upperBound {
        let start = number * blockByteCount
        let whole = start..<min(start + blockByteCount, section.byteCount)
        let block = store.block(number, of: owner) {
          read(section.offset + whole.lowerBound..<section.offset + whole.upperBound)
        }
        let (first, last) = (max(range.lowerBound, start) - start, min(range.upperBound, whole.upperBound) - start)
        guard first < block.count else { break }
        bytes += block[Int(first)..<min(block.count, Int(last))]
        guard block.count >= last else { break }
        number += 1
      }
      return bytes
    }
  }

  private static func inflated(
    _ section: ELFSection, _ read: ELFObject.Reader, keep: (UInt64) -> Bool
  ) -> Result<[UInt8], Failure> {
    let header = read(section.offset..<section.offset + min(section.byteCount, headerByteCount))
    guard let method = header.load(UInt32.self, at: 0), let byteCount = header.load(UInt64.self, at: 8),
      header.count == Int(headerByteCount)
    else { return .failure(Failure(problem: .damaged)) }
    guard method == 1 else { return .failure(Failure(problem: .compression(method))) }
    guard byteCount <= mostBytes, section.byteCount <= mostBytes, keep(byteCount) else {
      return .failure(Failure(problem: .size))
    }
    let packed = read(section.offset + headerByteCount..<section.offset + section.byteCount)
    guard let bytes = Inflate.bytes(zlib: packed, byteCount: Int(byteCount)) else {
      return .failure(Failure(problem: .damaged))
    }
    return .success(bytes)
  }
}
