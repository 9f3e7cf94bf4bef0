/// Where ways to the blocks of a heap begin: the words outside of it, by what has them, in a fixed order.
struct HeapRoots: Sendable {
  /// What has some words, in the order of what that proves: see ``HeapMark``.
  enum Kind: Int, CaseIterable, Sendable {
    case variable
    case threadLocal
    case pool
    case registers
    case goroutines
    case stack
  }

  /// A stretch of such words.
  struct Piece: Sendable {
    var kind: Kind
    var range: Range<Address>
    /// The module of variables, by its number in ``PlaceMap/modules``.
    var module: Int?
    /// The thread that has it.
    var thread: ThreadID?
  }

  /// The stretches, in the order in which they are gone over.
  let stretches: [Piece]
  /// What goroutines hold blocks with, in order, inside of the heap and outside: a piece or more for each of them.
  let goroutines: [Range<Address>]
  /// The words of the registers of threads.
  let registers: [(thread: ThreadID, words: [UInt64])]

  /// - Parameters:
  ///   - written: the memory that the process itself wrote, in order.
  ///   - heaps: the heaps, of which nothing is a root, nor of the memory that their allocators use for themselves.
  init(_ map: PlaceMap, written: [Range<Address>], _ heaps: Heaps, _ threads: [ThreadRegisters]) {
    let taken = (heaps.ranges + heaps.ownRanges).union()
    var all: [Piece] = []
    var used = taken
    for place in map.threadPlaces {
      for range in [place.range].subtracting(taken) {
        switch place.use {
        case .stack(let thread): all.append(Piece(kind: .stack, range: range, thread: thread))
        case .threadLocal(let thread): all.append(Piece(kind: .threadLocal, range: range, thread: thread))
        case .leftOver: break
        }
      }
    }
    goroutines = heaps.goroutineRanges
    used = (used + map.threadPlaces.map(\.range) + heaps.goroutineRanges + heaps.noteRanges).union()
    for (range, module) in map.variables {
      for part in [range].subtracting(used) { all.append(Piece(kind: .variable, range: part, module: module)) }
    }
    used = (used + map.variables.map(\.range) + map.stackRegions).union()
    for range in written.subtracting(used) { all.append(Piece(kind: .pool, range: range)) }
    // Not by address alone: where libraries lie differs from run to run.
    let paths = map.modules.map(\.path)
    func rank(_ stretch: Piece) -> [UInt8] { stretch.module.map { paths[$0] } ?? [] }
    stretches = all.sorted { left, right in
      if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
      let (first, second) = (rank(left), rank(right))
      if first != second { return first.lexicographicallyPrecedes(second) }
      if left.thread != right.thread { return left.thread?.rawValue ?? 0 < right.thread?.rawValue ?? 0 }
      return left.range.lowerBound < right.range.lowerBound
    }
    registers = threads.map { thread in
      let bytes: [UInt8] = thread.notes.first(where: { $0.type == 1 })?.bytes ?? []
      return (thread.thread, stride(from: 0, to: bytes.count, by: 8).compactMap { bytes.load(UInt64.self, at: $0) })
    }
  }
}
