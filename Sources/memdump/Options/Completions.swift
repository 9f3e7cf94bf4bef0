import ArgumentParser
import MemDump
import SystemPackage

// What a shell offers while a person types. Of a process nothing is read but /proc/PID/stat and /proc/PID/maps.

extension CompletionKind {
  /// Numbers of processes, with their names.
  static var processes: CompletionKind { .custom { _, _, prefix in Completion.processes(prefix).inShell() } }

  /// Numbers of processes with their names, and files.
  static var sources: CompletionKind {
    .custom { _, _, prefix in (Completion.processes(prefix) + Completion.files(prefix)).inShell() }
  }

  /// Selectors of memory of the process that stands in the line already.
  static var regions: CompletionKind {
    .custom { words, index, prefix in
      Completion.regions(mapOfProcess(in: words, without: index), prefix).inShell()
    }
  }
}

/// The map of the first process that stands behind `memdump COMMAND`. The value of an option may be a number, too.
private func mapOfProcess(in words: [String], without index: Int) -> [MemoryRegion] {
  for (place, word) in words.enumerated() where place > 1 && place != index {
    if let process = Int32(word).flatMap(ProcessID.init(rawValue:)), let map = MemoryRegion.map(of: process),
      !map.isEmpty
    {
      return map
    }
  }
  return []
}

/// A word that may be what a person means, and what it stands for.
struct Completion: Equatable {
  let word: String
  /// What the word stands for; empty where the word tells.
  let meaning: String

  init(_ word: String, _ meaning: String = "") { (self.word, self.meaning) = (word, meaning) }

  static func processes(_ prefix: String) -> [Completion] {
    ProcessSummary.names().filter { $0.id != Syscall.ownProcess }.map { Completion("\($0.id)", plain($0.name)) }
      .filter { $0.word.hasPrefix(prefix) }
  }

  /// The files that a path may be the start of. Those with characters that a shell would not take as they are, are left out.
  static func files(_ prefix: String) -> [Completion] {
    let end = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
    let (directory, start) = (prefix[..<end], prefix[end...])
    let place = FilePath(directory.isEmpty ? "." : String(directory))
    let names = ((try? Syscall.directoryEntries(place)) ?? []).sorted()
    return names.filter { $0.hasPrefix(start) && ($0.first != "." || start.first == ".") && isPlain($0.utf8) }
      .map { name in
        let isDirectory = (try? Syscall.directoryEntries(place.appending(name))) != nil
        return Completion(directory + name + (isDirectory ? "/" : ""))
      }
  }

  static func regions(_ regions: [MemoryRegion], _ prefix: String) -> [Completion] {
    let kinds = RegionKind.allCases.filter { kind in regions.isEmpty || regions.contains { $0.kind == kind } }
    var offered = kinds.map { Completion($0.rawValue) } + [Completion("largest", "most of what the process wrote")]
    func meaning(_ region: MemoryRegion) -> String {
      let name = region.kind == .file ? plain(fileName(region.name)) : region.kind.rawValue
      return "\(ByteSize(region.byteCount)) \(region.permissions) \(name)"
    }
    var files: Set<String> = []
    for region in regions {
      let file = String(decoding: fileName(region.name), as: UTF8.self)
      if region.kind == .file, isPlain(file.utf8), files.insert(file).inserted { offered.append(Completion(file)) }
      // There may be thousands of these.
      if prefix.hasPrefix("#") { offered.append(Completion("#\(region.number)", meaning(region))) }
      if prefix.hasPrefix("0x") { offered.append(Completion("\(region.range.lowerBound)", meaning(region))) }
    }
    return offered.filter { $0.word.hasPrefix(prefix) }
  }

  private static func fileName(_ path: [UInt8]) -> [UInt8] {
    path.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  private static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool { bytes.allSatisfy(isPlain) }

  /// A text that others chose, without what a shell may take for more than text.
  static func plain(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.map { isPlain($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}

extension [Completion] {
  /// The lines that the shell at hand takes. Those of bash know no meanings: where several are offered, bash shows the meaning
  /// as a part of the word, which goes as soon as only one is left.
  fileprivate func inShell() -> [String] {
    map { completion in
      guard !completion.meaning.isEmpty else { return completion.word }
      return switch CompletionShell.requesting {
      case .zsh: "\(completion.word):\(completion.meaning)"
      case .fish: "\(completion.word)\t\(completion.meaning)"
      default: count == 1 ? completion.word : "\(completion.word) (\(completion.meaning))"
      }
    }
  }
}
