/// An array in pieces of one size, so that it grows without a copy: of what is large, a copy costs more page faults than the rest.
struct PieceArray<Element: Sendable>: Sendable {
  private static var pieceCount: Int { 1 << 12 }

  private var pieces: [[Element]] = []
  /// The number of elements.
  private(set) var count = 0

  var indices: Range<Int> { 0..<count }

  subscript(_ index: Int) -> Element {
    @inline(__always) get { pieces[index >> 12][index & 0xfff] }
    @inline(__always) _modify { yield &pieces[index >> 12][index & 0xfff] }
  }

  /// Adds an element.
  mutating func append(_ element: Element) {
    if count & (Self.pieceCount - 1) == 0 {
      pieces.append([])
      // The first one may be all there is.
      if count > 0 { pieces[pieces.count - 1].reserveCapacity(Self.pieceCount) }
    }
    pieces[pieces.count - 1].append(element)
    count += 1
  }

  /// Hands out the pieces in their order.
  func forEachPiece(_ body: ([Element]) -> Void) { for piece in pieces { body(piece) } }

  /// Lends `body` the piece that an element is in, and its index there.
  @inline(__always)
  func withPiece(of index: Int, _ body: (borrowing [Element], Int) -> Void) {
    body(pieces[index >> 12], index & 0xfff)
  }
}
