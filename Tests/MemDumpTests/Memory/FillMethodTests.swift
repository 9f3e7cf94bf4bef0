import Testing

@testable import MemDump

@Suite struct FillMethodTests {
  /// How many of so many fills were mapped, where a byte costs so much either way.
  private func mapped(of count: Int, mapping: UInt64, copying: UInt64, _ method: inout FillMethod) -> Int {
    (0..<count).count { _ in
      let maps = method.maps
      // In two parts, which count as one.
      for _ in 0..<2 { method.note(byteCount: 500, nanoseconds: 500 * (maps ? mapping : copying)) }
      return maps
    }
  }

  @Test func theFirstIsMapped() {
    let method = FillMethod(trial: 1000)
    #expect(method.maps)
  }

  @Test func theCheaperIsTakenAndTheOtherTriedNowAndThen() {
    var method = FillMethod(trial: 1000)
    #expect(mapped(of: 660, mapping: 1, copying: 3, &method) == 660 - 11)
    #expect(mapped(of: 66, mapping: 3, copying: 1, &method) <= 66)
    #expect(mapped(of: 650, mapping: 3, copying: 1, &method) == 10)
  }

  @Test func bothAreTriedBeforeOneIsTaken() {
    var method = FillMethod(trial: 1000)
    #expect(mapped(of: 1, mapping: 9, copying: 1, &method) == 1)
    #expect(mapped(of: 1, mapping: 9, copying: 1, &method) == 0)
    #expect(mapped(of: 64, mapping: 9, copying: 1, &method) == 0)
    #expect(mapped(of: 1, mapping: 9, copying: 1, &method) == 1)
  }

  @Test func hugeNumbersDoNotOverflow() {
    var method = FillMethod(trial: 1)
    for _ in 0..<100 { method.note(byteCount: .max, nanoseconds: .max) }
    for _ in 0..<100 { method.note(byteCount: 0, nanoseconds: 0) }
  }
}
