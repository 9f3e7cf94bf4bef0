import Testing

@testable import MemDump

/// What of `ipv4-port` is judged by every value there is; its table of cases is in Cases.
@Suite struct IPv4PortTests {
  @Test func bothOptionsGoTogether() {
    let pattern = IPv4Port(allowsPortZero: true, wantsWholeWord: true)
    #expect(found(in: latin1("1.2.3.4:0 x1.2.3.4:0 1.2.3.4:0x 1.2.3.4:7"), pattern) == ["1.2.3.4:0", "1.2.3.4:7"])
  }

  /// Each byte value on each side of a match, by the rule as it is written.
  @Test func everyByteValueIsABoundaryOrNot() {
    for byte in UInt8.min...UInt8.max {
      let character = Character(Unicode.Scalar(byte))
      let isDigit = "0123456789".contains(character)
      let isLetter = character.isASCII && character.isLetter || character == "_"
      let left = [byte] + Array("1.2.3.4:80 ".utf8)
      let right = Array(" 1.2.3.4:80".utf8) + [byte]
      let strict = IPv4Port(wantsWholeWord: true)
      #expect(found(in: left).contains("1.2.3.4:80") == !(isDigit || byte == UInt8(ascii: ".")), "left \(byte)")
      #expect(found(in: right).contains("1.2.3.4:80") == !isDigit, "right \(byte)")
      #expect(
        found(in: left, strict).contains("1.2.3.4:80") == !(isDigit || isLetter || byte == UInt8(ascii: ".")),
        "left \(byte), whole words")
      #expect(found(in: right, strict).contains("1.2.3.4:80") == !(isDigit || isLetter), "right \(byte), whole words")
    }
  }

  @Test func everyOctetIsJudgedByItsValue() {
    for octet in 0...1100 {
      for place in 0..<4 {
        var octets = ["1", "2", "3", "4"]
        octets[place] = String(octet)
        let text = octets.joined(separator: ".") + ":80"
        #expect(found(in: Array(text.utf8)) == (octet < 256 ? [text] : []))
      }
    }
  }

  @Test func everyPortIsJudgedByItsValue() {
    for port in 0...70000 {
      let text = "10.20.30.40:\(port)"
      let isFound = found(in: Array(text.utf8)) == [text]
      if isFound != (1...65535).contains(port) { Issue.record("port \(port)") }
    }
  }

  /// What lies outside of the bytes is a boundary, and bytes outside of the part to decide on count as neighbours.
  @Test func looksAtItsNeighboursButDoesNotDecideOnThem() {
    let bytes = Array("11.2.3.4:80.5".utf8)
    #expect(IPv4Port().places(in: bytes, owned: 1..<bytes.count) == [])
    #expect(IPv4Port().places(in: Array("11.2.3.4:80".utf8), owned: 4..<11) == [0..<11])
    #expect(IPv4Port().places(in: Array("1.2.3.4:80".utf8), owned: 0..<7) == [])
    #expect(IPv4Port().places(in: Array("1.2.3.4:80".utf8), owned: 8..<10) == [])
    #expect(IPv4Port().places(in: Array("1.2.3.4:80".utf8), owned: 7..<8) == [0..<10])
  }
}

private func found(in bytes: [UInt8], _ pattern: IPv4Port = IPv4Port()) -> [String] {
  pattern.places(in: bytes).map { Array(bytes[$0]).latin1 }
}
