import CDigest
import MemDump
import MemDumpTestSupport
import Testing

@testable import memdump

/// SHA-256, by the processor's instructions and without.
@Suite(.serialized) struct DigestTests {
  private static func text(_ digest: SHA256Digest) -> String { hexadecimal(digest.finalize()) }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func text(of bytes: [UInt8]) -> String {
    var digest = SHA256Digest()
    digest.update(bytes.span.bytes)
    return text(digest)
  }

  private static func inBothWays(_ body: () throws -> Void) rethrows {
    defer { cdigest_limit_to_portable(0) }
    for isLimited: CInt in [0, 1] {
      cdigest_limit_to_portable(isLimited)
      try body()
    }
  }

  /// The examples of FIPS 180 and of NIST's "Examples with Intermediate Values".
  @Test func theExamplesOfTheStandard() {
    let alphabet = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    let longer =
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
    Self.inBothWays {
      #expect(Self.text(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
      #expect(Self.text(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      #expect(Self.text(of: Array(alphabet.utf8)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
      #expect(Self.text(of: Array(longer.utf8)) == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1")
      let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
      #expect(Self.text(of: million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
  }

  /// Every number of bytes around blocks and their padding, in one piece and in three.
  @Test(.enabled(if: has("sha256sum"), "sha256sum is not installed")) func everyLengthIsAsSha256sumSays() throws {
    let directory = try TemporaryDirectory()
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
    for count in 0...300 { try directory.write(Array(bytes.prefix(count)), to: "\(count)", mode: 0o600) }
    let said = try Tool.shell("cd '\(directory.path)' && for n in $(seq 0 300); do sha256sum < $n; done").lines
    #expect(said.count == 301)
    Self.inBothWays {
      for (count, line) in said.enumerated() {
        let part = Array(bytes.prefix(count))
        var pieces = SHA256Digest()
        for piece in [part.prefix(count / 3), part[count / 3..<count / 2], part[(count / 2)...]] {
          pieces.update(Array(piece).span.bytes)
        }
        let copy = pieces
        #expect(line.hasPrefix(Self.text(of: part)), "\(count) bytes")
        #expect(line.hasPrefix(Self.text(pieces)) && line.hasPrefix(Self.text(copy)), "\(count) bytes in pieces")
      }
    }
  }
}
