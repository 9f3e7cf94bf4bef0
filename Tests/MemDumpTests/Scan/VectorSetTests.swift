import MemDumpTestSupport
import Testing

@testable import MemDump

/// A processor takes the widest vectors it has, so the other sets of a kernel need a test that asks for them.
@Suite(.serialized) struct VectorSetTests {
  private static let pieces: [String] = [
    "1.2.3.4:80", "255.255.255.255:65535", "256.1.1.1:80", "10.0.0.1", "[2001:db8::1]:443", "[::ffff:1.2.3.4]:80",
    "db.example.org:5432", "localhost:80", "https://example.org/a?b=c", "someone@example.org", "12:34:56", "::", "//",
    "123e4567-e89b-12d3-a456-426614174000", "\u{2}\0\u{1f}\u{90}\u{a}\u{1}\u{2}\u{3}\0\0\0\0\0\0\0\0",
    "\u{1}\0/run/x.sock\0",
    "needle", "NEEDLE", ".", ":", "@", "-", "7", "\0\0\0\0", "\u{ff}",
  ]

  private static func memory(seed: UInt64) throws -> TestMemory {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    while bytes.count < 60_000 {
      bytes += latin1(pieces[Int.random(in: 0..<pieces.count, using: &generator)])
      if Bool.random(using: &generator) { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
      // Structures are found where they are aligned.
      if Bool.random(using: &generator) { bytes += [UInt8](repeating: 0, count: -bytes.count & 7) }
    }
    return try TestMemory([0x1000: bytes])
  }

  @Test(arguments: 1...6) func allSetsFindTheSame(seed: UInt64) throws {
    defer { ScanKernel.limitVectors(toByteCount: nil) }
    let memory = try Self.memory(seed: seed)
    let needle = try #require(BytesPattern(text: "needle", ignoringCase: true))
    for pattern in Patterns.all + [needle as any Pattern] {
      let scan = Scan(patterns: [pattern], chunk: 4096)
      ScanKernel.limitVectors(toByteCount: 16)
      let expected = try scan.items(memory)
      #expect(expected.count > 20, "\(pattern.name)")
      for limit in [0, 32, 64] {
        ScanKernel.limitVectors(toByteCount: limit)
        #expect(try scan.items(memory) == expected, "\(pattern.name), \(limit) bytes")
      }
    }
  }
}
