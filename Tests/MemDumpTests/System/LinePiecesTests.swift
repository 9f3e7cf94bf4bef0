import SystemPackage
import Testing

@testable import MemDump

@Suite struct LinePiecesTests {
  private static let text = Array(
    (0..<500).map { "line \($0) \(String(repeating: "x", count: $0 % 40))\n" }.joined().utf8)

  /// Pieces of any size are whole lines, and together the text.
  @Test(arguments: [1, 7, 64, 1000, 4096, 1 << 20], [true, false])
  func piecesAreWholeLines(byteCount: Int, endsWithLine: Bool) throws {
    let directory = try TemporaryDirectory()
    let text = endsWithLine ? Self.text : Self.text + Array("the rest".utf8)
    let path = try directory.write("map", text)
    var pieces: [[UInt8]] = []
    try LinePieces.forEach(in: path, byteCount: byteCount) {
      pieces.append($0)
      return true
    }
    #expect(pieces.flatMap(\.self) == text)
    #expect(pieces.dropLast().allSatisfy { $0.last == UInt8(ascii: "\n") })
    #expect(byteCount > 4096 || pieces.count > 2)
  }

  @Test func whoHasSeenEnoughGetsNoMore() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("map", Self.text)
    for most in 1...5 {
      var count = 0
      try LinePieces.forEach(in: path, byteCount: 64) { _ in
        count += 1
        return count < most
      }
      #expect(count == most)
    }
  }

  @Test func anEmptyTextIsOnePiece() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("map", [])
    var pieces: [[UInt8]] = []
    try LinePieces.forEach(in: path) {
      pieces.append($0)
      return true
    }
    #expect(pieces == [[]])
    #expect(throws: Errno.noSuchFileOrDirectory) { try LinePieces.forEach(in: directory["none"]) { _ in true } }
  }
}
