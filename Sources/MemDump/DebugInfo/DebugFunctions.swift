/// The functions of a unit by their code, and the calls in them that were inlined.
struct DebugFunctions {
  /// A stretch of code of a function, and where its entry and those within it stand.
  private struct CodeRange {
    var code: Range<UInt64>
    var offset: UInt64
    var end: UInt64
  }

  /// A namespace or a type, which functions are named after.
  private struct Scope {
    var offset: UInt64
    var end: UInt64
    /// The number of the scope around it; nil for none.
    var parent: Int?
    /// Whether it is within a function.
    var isLocal: Bool
  }

  let unit: DebugUnit
  let context: DebugContext
  /// The first entry of the unit.
  let root: DebugEntry
  private let abbreviations: DebugAbbreviations
  private var stretches: [CodeRange] = []
  private var scopes: [Scope] = []

  /// The memory that they take up, in bytes.
  var byteCount: UInt64 {
    UInt64(stretches.count * MemoryLayout<CodeRange>.stride + scopes.count * MemoryLayout<Scope>.stride)
  }

  /// The most bytes of a unit, the most levels of functions within functions, and of inlined calls, the most stretches of a unit, and the most functions
  /// that begin before an address and are looked at, since one may lie in another.
  private static let (mostBytes, deepest, mostStretches, mostCandidates): (UInt64, Int, Int, Int) = (
    256 << 20, 64, 1 << 21, 64
  )

  /// Goes over the entries of a unit once; nil where the unit has no code, is too large, or cannot be read.
  init?(_ unit: DebugUnit, _ sections: DebugSections, _ work: DebugWork) {
    guard unit.hasCode, let info = sections[".debug_info"], let table = sections[".debug_abbrev"],
      unit.end - unit.firstEntry <= Self.mostBytes
    else { return nil }
    self.unit = unit
    abbreviations = DebugAbbreviations(table, at: unit.abbreviations, unit.format)
    var reader = info.reader(at: unit.firstEntry, count: unit.end - unit.firstEntry)
    guard let code = reader.unsigned(), let shape = abbreviations[code],
      let root = DebugEntry(at: unit.firstEntry, shape, &reader, unit.format)
    else { return nil }
    (context, self.root) = (DebugContext(sections, unit.format, root: root), root)
    if root.hasChildren { gather(&reader, work) }
    stretches.sort { ($0.code.lowerBound, $1.code.upperBound) < ($1.code.lowerBound, $0.code.upperBound) }
  }

  /// What is gone through: functions and scopes that are not over yet, by the level of their entries.
  private struct Nesting {
    /// The first stretch of a function with code, or the number of a scope; nil of both for a function without code.
    var open: [(level: Int, stretch: Int?, scope: Int?)] = []
    var level = 1
    var functionCount = 0
    var scope: Int?
  }

  private mutating func gather(_ reader: inout NumberReader, _ work: DebugWork) {
    var nesting = Nesting()
    while nesting.level > 0, !reader.isAtEnd, work.take(), stretches.count + scopes.count < Self.mostStretches {
      let offset = reader.address
      guard let code = reader.unsigned() else { break }
      if code == 0 {
        nesting.level -= 1
      } else {
        guard let shape = abbreviations[code], pass(shape, at: offset, &reader, &nesting, work) else { break }
        if shape.hasChildren { nesting.level += 1 }
      }
      while let last = nesting.open.last, nesting.level <= last.level { close(&nesting, at: reader.address) }
    }
    while !nesting.open.isEmpty { close(&nesting, at: reader.address) }
  }

  /// Passes over an entry, and notes what matters of it; false where it is not whole.
  private mutating func pass(
    _ shape: DebugAbbreviation, at offset: UInt64, _ reader: inout NumberReader, _ nesting: inout Nesting,
    _ work: DebugWork
  ) -> Bool {
    if shape.tag == DebugEntry.Tag.function {
      guard work.take(shape.attributes.count), let entry = DebugEntry(at: offset, shape, &reader, unit.format) else {
        return false
      }
      let ranges = context.ranges(of: entry, work)
      let isOpened = entry.hasChildren && nesting.open.count < Self.deepest
      if isOpened {
        nesting.open.append((nesting.level, ranges.isEmpty ? nil : stretches.count, nil))
        nesting.functionCount += 1
      }
      stretches += ranges.map { CodeRange(code: $0, offset: offset, end: reader.address) }
      return true
    }
    if DebugEntry.isNaming(shape.tag), shape.hasChildren, nesting.open.count < Self.deepest {
      nesting.open.append((nesting.level, nil, scopes.count))
      scopes.append(
        Scope(offset: offset, end: unit.end, parent: nesting.scope, isLocal: nesting.functionCount > 0))
      nesting.scope = scopes.count - 1
    }
    if let byteCount = shape.byteCount { return reader.skip(byteCount) }
    return work.take(shape.attributes.count) && Self.skip(shape, &reader, unit.format)
  }

  /// Notes where the innermost function or scope ends: a function's stretches are the first ones from a number on.
  private mutating func close(_ nesting: inout Nesting, at end: UInt64) {
    guard let (_, first, scope) = nesting.open.popLast() else { return }
    if let scope {
      scopes[scope].end = end
      nesting.scope = scopes[scope].parent
      return
    }
    nesting.functionCount -= 1
    guard let first else { return }
    let offset = stretches[first].offset
    for number in first..<stretches.count {
      guard stretches[number].offset == offset else { break }
      stretches[number].end = end
    }
  }

  /// The offsets of the namespaces and types that an entry is named after, the outermost first; and whether the innermost
  /// of them is within a function.
  func scopes(around offset: UInt64) -> (offsets: [UInt64], isLocal: Bool) {
    let end = scopes.partitionIndex { $0.offset >= offset }
    var number = end > 0 ? end - 1 : nil
    while let current = number, scopes[current].end <= offset { number = scopes[current].parent }
    let isLocal = number.map { scopes[$0].isLocal } ?? false
    var offsets: [UInt64] = []
    while let current = number, offsets.count < Self.deepest {
      offsets.append(scopes[current].offset)
      number = scopes[current].parent
    }
    return (offsets.reversed(), isLocal)
  }

  /// The shape of the entries with a code.
  func shape(_ code: UInt64) -> DebugAbbreviation? { abbreviations[code] }

  static func skip(_ shape: DebugAbbreviation, _ reader: inout NumberReader, _ format: DebugFormat) -> Bool {
    for (_, form, constant) in shape.attributes {
      guard reader.value(form, constant: constant, format) != nil else { return false }
    }
    return true
  }

  /// The function that has code at an address, and the inlined calls in it that the code is of, the outermost first; nil
  /// where there is no function.
  func chain(at address: UInt64, _ work: DebugWork) -> [DebugEntry]? {
    let end = stretches.partitionIndex { $0.code.lowerBound > address }
    let stretch = stretches[max(0, end - Self.mostCandidates)..<end].last { $0.code.contains(address) }
    guard let stretch, let info = context.sections[".debug_info"] else { return nil }
    var reader = info.reader(at: stretch.offset, count: stretch.end - stretch.offset)
    guard let code = reader.unsigned(), let shape = abbreviations[code],
      let function = DebugEntry(at: stretch.offset, shape, &reader, unit.format)
    else { return nil }
    return [function] + (function.hasChildren ? inlined(at: address, &reader, work) : [])
  }

  private func inlined(at address: UInt64, _ reader: inout NumberReader, _ work: DebugWork) -> [DebugEntry] {
    var chain: [DebugEntry] = []
    // The level of the scope that is gone through, and of one whose entries are of no interest.
    var (level, inner, passed) = (1, 0, Int.max)
    while level > inner, !reader.isAtEnd, work.take() {
      let offset = reader.address
      guard let code = reader.unsigned() else { break }
      if code == 0 {
        level -= 1
        if level <= passed { passed = .max }
        continue
      }
      guard let shape = abbreviations[code], work.take(shape.attributes.count) else { break }
      if passed == .max, DebugEntry.isScope(shape.tag) {
        guard let entry = DebugEntry(at: offset, shape, &reader, unit.format) else { break }
        let ranges = context.ranges(of: entry, work)
        let isHere = ranges.contains { $0.contains(address) }
        if isHere, shape.tag == DebugEntry.Tag.inlined, chain.count < Self.deepest {
          chain.append(entry)
          guard shape.hasChildren else { break }
          inner = level
        }
        if !isHere, shape.hasChildren, !ranges.isEmpty || shape.tag != DebugEntry.Tag.lexicalBlock { passed = level }
      } else if let byteCount = shape.byteCount {
        guard reader.skip(byteCount) else { break }
      } else {
        guard Self.skip(shape, &reader, unit.format) else { break }
      }
      if shape.hasChildren { level += 1 }
    }
    return chain
  }
}
