/// The notes of an ELF core, in the layout of the kernel (linux/elfcore.h) for 64-bit processes.
enum CoreNotes {
  /// All notes, one behind the other. Those of a thread begin with its NT_PRSTATUS.
  static func bytes(_ image: ProcessImage) -> [UInt8] {
    var notes: [UInt8] = []
    notes.append(note: .process, processInformation(image.facts), owner: "CORE")
    if !image.facts.auxiliaryVector.isEmpty {
      notes.append(note: .auxiliaryVector, image.facts.auxiliaryVector, owner: "CORE")
    }
    notes.append(note: .files, fileTable(image.regions), owner: "CORE")
    for thread in image.threads {
      for note in thread.notes {
        let kind = ELFNote.Kind(rawValue: note.type)
        switch kind {
        case .threadStatus: notes.append(note: kind, threadStatus(thread, note.bytes, image.facts), owner: "CORE")
        case .floatingPoint, .signal: notes.append(note: kind, note.bytes, owner: "CORE")
        default: notes.append(note: kind, note.bytes, owner: "LINUX")
        }
      }
    }
    return notes
  }

  /// struct elf_prstatus, of which gdb reads the signal, the thread and the registers.
  private static func threadStatus(_ thread: ThreadRegisters, _ registers: [UInt8], _ facts: ProcessFacts) -> [UInt8] {
    var status: [UInt8] = []
    status.append(number: thread.signal)
    status += [UInt8](repeating: 0, count: 8)
    status.append(number: Int16(truncatingIfNeeded: thread.signal))
    status += [UInt8](repeating: 0, count: 2 + 16)
    let identity = [thread.thread.rawValue, facts.stat?.parent ?? 0, facts.stat?.group ?? 0, facts.stat?.session ?? 0]
    for number in identity { status.append(number: number) }
    status += [UInt8](repeating: 0, count: 64)
    status += registers
    status.append(number: thread.notes.contains { $0.type == ELFNote.Kind.floatingPoint.rawValue } ? 1 as Int32 : 0)
    return status + [UInt8](repeating: 0, count: 4)
  }

  /// struct elf_prpsinfo: name, arguments and IDs of the process.
  private static func processInformation(_ facts: ProcessFacts) -> [UInt8] {
    let letters = Array("RSDTZW".utf8)
    let letter = facts.stat?.state ?? UInt8(ascii: "R")
    var information: [UInt8] = [
      UInt8(letters.firstIndex(of: letter) ?? 0), letter, letter == UInt8(ascii: "Z") ? 1 : 0,
      UInt8(bitPattern: facts.stat?.nice ?? 0), 0, 0, 0, 0,
    ]
    information.append(number: facts.stat?.flags ?? 0)
    for number in [facts.user, facts.group] { information.append(number: number) }
    let identity = [facts.process, facts.stat?.parent ?? 0, facts.stat?.group ?? 0, facts.stat?.session ?? 0]
    for number in identity { information.append(number: number) }
    information += text(facts.name, byteCount: 16)
    information += text(Array(facts.commandLine.joined(separator: [UInt8(ascii: " ")])), byteCount: 80)
    return information
  }

  /// The content of NT_FILE: `count, page size, (start, end, offset in pages) × count, name\0 × count`, of every
  /// mapping that has a file.
  private static func fileTable(_ regions: [MemoryRegion]) -> [UInt8] {
    let files = regions.filter { $0.inode != 0 || $0.name.first == UInt8(ascii: "/") }
    var table: [UInt8] = []
    for number in [UInt64(files.count), pageSize] { table.append(number: number) }
    for file in files {
      table.append(number: file.range.lowerBound.rawValue)
      table.append(number: file.range.upperBound.rawValue)
      table.append(number: file.fileOffset / pageSize)
    }
    for file in files { table += file.pathBytes + [0] }
    return table
  }

  /// A field of a fixed number of bytes, cut off or filled up with NUL; the last byte is a NUL.
  private static func text(_ bytes: [UInt8], byteCount: Int) -> [UInt8] {
    let kept = bytes.prefix(byteCount - 1)
    return kept + [UInt8](repeating: 0, count: byteCount - kept.count)
  }
}

extension MemoryRegion {
  /// The path with its own newlines, which /proc/PID/maps writes as `\012`.
  fileprivate var pathBytes: [UInt8] {
    var path: [UInt8] = []
    var rest = name[...]
    let newline = Array(#"\012"#.utf8)
    while let byte = rest.first {
      let isNewline = rest.starts(with: newline)
      path.append(isNewline ? UInt8(ascii: "\n") : byte)
      rest.removeFirst(isNewline ? newline.count : 1)
    }
    return path
  }
}
