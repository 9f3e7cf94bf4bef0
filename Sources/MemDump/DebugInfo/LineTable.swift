/// The table of lines of a unit: its files, and the program that tells which line each instruction came of (DWARF 5, 6.2).
struct LineTable {
  /// Where some code came from.
  struct Row: Equatable {
    var file: UInt64
    /// The number of the line; 0 where the code came of none alone.
    var line: UInt64
  }

  /// A file by its name and the number of its directory.
  private struct File {
    var name: [UInt8]
    var directory: UInt64
  }

  let format: DebugFormat
  private(set) var program: NumberReader
  private(set) var shape = LineProgram.Shape()
  private let context: DebugContext
  private let directory: [UInt8]?
  private var directories: [[UInt8]] = []
  private var files: [File] = []

  private static let (mostBytes, mostFiles): (UInt64, Int) = (256 << 20, 1 << 18)

  /// Reads the header of a table; nil where it is none.
  ///
  /// - Parameters:
  ///   - offset: where the table begins in .debug_line.
  ///   - unit: what the values of its unit are relative to.
  ///   - directory: the directory that the compiler ran in.
  init?(at offset: UInt64, _ unit: DebugContext, directory: [UInt8]?) {
    guard let section = unit.sections[".debug_line"] else { return nil }
    var start = section.reader(at: offset, count: 12)
    guard let (isLong, byteCount) = start.unitLength(), byteCount <= min(section.byteCount, Self.mostBytes) else {
      return nil
    }
    var reader = section.reader(at: start.address, count: byteCount)
    guard let version = reader.number(UInt16.self), (2...5).contains(version) else { return nil }
    format = DebugFormat(version: version, isLong: isLong, start: offset)
    (program, context, self.directory) = (reader, unit, directory)
    if version >= 5 { guard reader.byte() == 8, reader.byte() == 0 else { return nil } }
    guard let headerByteCount = reader.offset(format) else { return nil }
    var code = reader
    guard code.skip(headerByteCount), readShape(&reader), version >= 5 ? readTables(&reader) : readOldTables(&reader)
    else { return nil }
    program = code
  }

  private mutating func readShape(_ reader: inout NumberReader) -> Bool {
    guard let step = reader.byte(), format.version < 4 || reader.byte() != nil, let isStatement = reader.byte(),
      let lineBase = reader.number(Int8.self), let lineRange = reader.byte(), let first = reader.byte()
    else { return false }
    shape = LineProgram.Shape(
      step: UInt64(step), isStatement: isStatement != 0, lineBase: Int64(lineBase), lineRange: UInt64(lineRange),
      firstSpecial: first)
    for _ in 1..<max(1, first) {
      guard let count = reader.byte() else { return false }
      shape.operandCounts.append(count)
    }
    return true
  }

  private mutating func readOldTables(_ reader: inout NumberReader) -> Bool {
    while let name = reader.text(), directories.count < Self.mostFiles {
      if name.isEmpty { break }
      directories.append(name)
    }
    while let name = reader.text(), files.count < Self.mostFiles {
      if name.isEmpty { return true }
      guard let directory = reader.unsigned(), reader.unsigned() != nil, reader.unsigned() != nil else { return false }
      files.append(File(name: name, directory: directory))
    }
    return false
  }

  private mutating func readTables(_ reader: inout NumberReader) -> Bool {
    guard let directories = table(&reader), let files = table(&reader) else { return false }
    (self.directories, self.files) = (directories.map(\.name), files)
    return true
  }

  /// A table whose header tells the shape of its entries (DWARF 5, 6.2.4.1).
  private func table(_ reader: inout NumberReader) -> [File]? {
    guard let count = reader.byte() else { return nil }
    var shape: [(content: UInt64, form: UInt64)] = []
    for _ in 0..<count {
      guard let content = reader.unsigned(), let form = reader.unsigned() else { return nil }
      // A form without bytes would make any number of entries out of nothing.
      guard format.byteCount(ofForm: form) != 0 else { return nil }
      shape.append((content, form))
    }
    guard let entryCount = reader.unsigned(), entryCount == 0 || !shape.isEmpty, entryCount <= UInt64(Self.mostFiles)
    else { return nil }
    var files: [File] = []
    for _ in 0..<entryCount {
      var file = File(name: [], directory: 0)
      for (content, form) in shape {
        guard let value = reader.value(form, constant: 0, format) else { return nil }
        switch (content, value) {
        case (1, .text(let text)): file.name = context.text(text, in: ".debug_line") ?? []
        case (2, .number(let number)): file.directory = number
        default: break
        }
      }
      files.append(file)
    }
    return files
  }

  /// The path of a file by its number; nil where there is no such file.
  func path(ofFile number: UInt64) -> [UInt8]? {
    let index = format.version >= 5 ? number : number &- 1
    guard index < UInt64(files.count) else { return nil }
    let file = files[Int(index)]
    guard !file.name.isEmpty else { return nil }
    var parent: [UInt8]?
    if format.version >= 5 {
      parent = file.directory < UInt64(directories.count) ? directories[Int(file.directory)] : nil
    } else if file.directory > 0 {
      parent = file.directory <= UInt64(directories.count) ? directories[Int(file.directory - 1)] : nil
    }
    return Self.join(directory, Self.join(parent, file.name))
  }

  private static func join(_ directory: [UInt8]?, _ path: [UInt8]) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    guard let directory, !directory.isEmpty, path.first != slash else { return path }
    return directory + (directory.last == slash ? [] : [slash]) + path
  }
}
