import Foundation
import MemDumpTestSupport
import Testing

@testable import MemDump

// The example of the documentation's page "Add a pattern", letter for letter.
struct EthernetAddress: Pattern {
  var name: String { "ethernet" }
  var summary: String { "Ethernet address as text: 00:16:3e:12:34:56" }

  /// Two digits and a neighbour before the first colon, fourteen bytes and a neighbour behind it.
  var reach: Int { 16 }

  func scan(_ bytes: RawSpan, base: Address, from: inout Int, to: Int, into matches: inout MatchList) {
    while from < to {
      if isAddress(bytes, firstColon: from) {
        // No room: the scan takes what there is, and calls again from here.
        if matches.isFull { return }
        matches.append(Match(offset: UInt32(from - 2), length: 17))
      }
      from += 1
    }
  }

  private func isAddress(_ bytes: RawSpan, firstColon: Int) -> Bool {
    // What is outside of the window is a boundary.
    func byte(_ offset: Int) -> UInt8 {
      let place = firstColon + offset
      return place >= 0 && place < bytes.byteCount ? bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self) : 0
    }
    func isDigit(_ offset: Int) -> Bool { Character(Unicode.Scalar(byte(offset))).isHexDigit }
    let pairs = (0..<6).allSatisfy { isDigit(3 * $0 - 2) && isDigit(3 * $0 - 1) }
    let colons = (0..<5).allSatisfy { byte(3 * $0) == UInt8(ascii: ":") }
    return pairs && colons && !isDigit(-3) && !isDigit(15)
  }
}

/// A page that shows code which does not work is worse than none.
@Suite struct DocumentedPatternTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/MemDump/MemDump.docc/AddAPattern.md")

  @Test func thePageShowsThisCode() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    let own = try String(contentsOfFile: #filePath, encoding: .utf8)
    let blocks = page.components(separatedBy: "```swift\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    #expect(!blocks.isEmpty)
    for block in blocks { #expect(own.contains(block)) }
  }

  @Test(arguments: [1, 3, 17, 4096], [1, 3]) func itFindsWhatItSays(chunk: Int, threads: Int) throws {
    let bytes = Array(
      "x00:16:3e:12:34:56 ff:ff:ff:ff:ff:ff:ff 0:16:3e:12:34:56 100:16:3e:12:34:56 aA:bB:cC:dD:eE:fF".utf8)
    let memory = try TestMemory([0x1000: bytes])
    let items = try Scan(patterns: [EthernetAddress()], chunk: chunk, threads: threads).items(memory)
    #expect(items.map(\.text) == ["00:16:3e:12:34:56", "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff", "aA:bB:cC:dD:eE:fF"])
  }
}
