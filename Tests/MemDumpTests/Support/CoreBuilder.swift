/// Makes ELF cores, right ones and wrong ones.
struct CoreBuilder {
  struct Segment {
    var type: UInt32 = 1
    var flags: UInt32 = 6
    var offset: UInt64 = 0
    var address: UInt64 = 0
    var fileByteCount: UInt64 = 0
    var byteCount: UInt64 = 0
  }

  var segments: [Segment] = []
  /// What stands behind the headers, from ``dataOffset`` on.
  var data: [UInt8] = []
  /// The count in the ELF header; 0xffff says that section header 0 knows, which then stands before the data.
  var countInHeader: UInt16?

  /// Where the data starts in the file.
  var dataOffset: UInt64 { UInt64(64 + 56 * segments.count + (countInHeader == 0xffff ? 64 : 0)) }

  /// Adds memory with its bytes, and perhaps more that the file does not hold.
  mutating func add(_ address: UInt64, _ bytes: [UInt8], missing: UInt64 = 0, flags: UInt32 = 6) {
    segments.append(
      Segment(
        flags: flags, offset: UInt64(data.count), address: address, fileByteCount: UInt64(bytes.count),
        byteCount: UInt64(bytes.count) + missing))
    data += bytes
  }

  /// Adds the note that tells the mapped files; offsets are in pages of 4 KiB.
  mutating func addFiles(_ files: [(start: UInt64, end: UInt64, page: UInt64, name: String)]) {
    let note = Self.note(type: 0x4649_4c45, Self.fileTable(files))
    segments.append(Segment(type: 4, flags: 0, offset: UInt64(data.count), fileByteCount: UInt64(note.count)))
    data += note
  }

  /// The contents of an NT_FILE note.
  static func fileTable(_ files: [(start: UInt64, end: UInt64, page: UInt64, name: String)]) -> [UInt8] {
    var numbers: [UInt64] = [UInt64(files.count), 4096]
    for file in files { numbers += [file.start, file.end, file.page] }
    var table: [UInt8] = []
    for number in numbers { table += bytes(number) }
    for file in files { table += Array(file.name.utf8) + [0] }
    return table
  }

  /// A note of the name CORE, padded to four bytes.
  static func note(type: UInt32, _ content: [UInt8], name: String = "CORE\0") -> [UInt8] {
    var note: [UInt8] = []
    for number in [UInt32(name.utf8.count), UInt32(content.count), type] { note += bytes(number) }
    for part in [Array(name.utf8), content] { note += part + [UInt8](repeating: 0, count: (4 - part.count % 4) % 4) }
    return note
  }

  /// The program headers as they stand in the file.
  var programHeaders: [UInt8] {
    var headers: [UInt8] = []
    for segment in segments {
      headers += Self.bytes(segment.type)
      headers += Self.bytes(segment.flags)
      let numbers: [UInt64] = [
        segment.offset + dataOffset, segment.address, 0, segment.fileByteCount, segment.byteCount, 4096,
      ]
      for number in numbers { headers += Self.bytes(number) }
    }
    return headers
  }

  /// The ELF header.
  var header: [UInt8] {
    let sectionHeader = countInHeader == 0xffff ? UInt64(64 + 56 * segments.count) : 0
    let count = countInHeader ?? UInt16(segments.count)
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 62, 0, 1, 0, 0, 0]
    for number in [0, 64, sectionHeader] as [UInt64] { header += Self.bytes(number) }
    header += Self.bytes(UInt32(0))
    for number in [64, 56, count, 64, 0, 0] as [UInt16] { header += Self.bytes(number) }
    return header
  }

  /// The whole file.
  var file: [UInt8] {
    var section = [UInt8](repeating: 0, count: 64)
    section.replaceSubrange(44..<48, with: Self.bytes(UInt32(segments.count)))
    return header + programHeaders + (countInHeader == 0xffff ? section : []) + data
  }

  /// A number, least byte first.
  static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
