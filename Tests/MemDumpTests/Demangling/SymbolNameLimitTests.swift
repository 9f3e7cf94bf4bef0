import Testing

@testable import MemDump

/// Names that a hostile file may have: each has an answer at once, of no more bytes than it may have.
@Suite struct SymbolNameLimitTests {
  private func isRefused(_ symbol: String) -> Bool {
    var result: [UInt8]?
    let time = ContinuousClock().measure { result = SymbolName(Array(symbol.utf8)).demangled }
    // 65536 steps take milliseconds, and some more without optimisation.
    #expect(time < .seconds(5), "\(symbol.prefix(40))")
    return result == nil
  }

  /// Whether so much stands for it that it is written in short, or not at all.
  private func isCut(_ symbol: String) -> Bool {
    #expect(SymbolName.demangle(Array(symbol.utf8), isBrief: false) == nil)
    guard !isRefused(symbol) else { return true }
    let name = SymbolName(Array(symbol.utf8)).description
    return name.utf8.count <= SymbolName.wideByteCount && name.contains("…")
  }

  /// `_`, `0_`, … `Z_`, `10_`.
  private func sequence(_ index: Int) -> String {
    index == 0 ? "_" : String(index - 1, radix: 36, uppercase: true) + "_"
  }

  @Test func whatDoublesWithEverySubstitutionIsCut() {
    // B, B<int, int>, and from there on each is a B of two of those before it.
    var symbol = "_ZZ1f1BIiiE"
    for index in 1..<60 { symbol += "S_IS\(sequence(index))S\(sequence(index))E" }
    #expect(isCut(symbol + "E1x"))
    var functions = "_ZZ1fPFvvE"
    for index in 1..<60 { functions += "PFS\(sequence(2 * index - 1))S\(sequence(2 * index - 1))E" }
    #expect(isCut(functions + "E1x"))
  }

  @Test func packsOfPacksAreCut() {
    var symbol = "_ZZ1fIJiiiiiiiiEEvDpT_"
    for _ in 0..<200 { symbol += "Dp1BIDpT_E" }
    #expect(isCut(symbol + "E1x"))
    var nested = "DpT_"
    for _ in 0..<60 { nested = "1BIDp1CIT_EJ\(nested)\(nested.count < 1500 ? nested : "")EE" }
    #expect(isRefused("_ZZ1fIJiiiiiiiiEEv\(nested.prefix(3500))E1x"))
  }

  @Test func workThatWritesNothingIsRefused() {
    // A pack of nothing, then packs of twice that before them.
    func parameter(_ index: Int) -> String { index == 0 ? "T_" : "T\(index - 1)_" }
    var symbol = "_ZZ1fIJE"
    for index in 0..<40 { symbol += "JDp\(parameter(index))Dp\(parameter(index))E" }
    #expect(isRefused(symbol + "EvDp\(parameter(40))E1x"))
  }

  @Test func whatIsDeepIsRefused() {
    for (open, close) in [("P", ""), ("A3_", ""), ("1AI", "E"), ("Fv", "E"), ("M1B", ""), ("K", "")] {
      let count = 3800 / (open.count + close.count)
      let symbol =
        "_ZTI" + String(repeating: open, count: count) + "i" + String(repeating: close, count: count)
      #expect(isRefused(symbol))
    }
    #expect(isRefused("_ZTI" + String(repeating: "X", count: 3900)))
    #expect(isRefused("_Z" + String(repeating: "Z", count: 3900)))
    #expect(isRefused("_ZN1AIX" + String(repeating: "nt", count: 1900) + "Li1EEE1xE"))
    #expect(isRefused("_ZZ1fv" + String(repeating: "E1xE", count: 900)))
    #expect(isRefused("_RINvC1a1f" + String(repeating: "R", count: 3900) + "hE"))
    #expect(isRefused("_R" + String(repeating: "Nv", count: 1900)))
    let fair = "_ZTI" + String(repeating: "P", count: 50) + "i"
    #expect(SymbolName(Array(fair.utf8)).description == "typeinfo for int" + String(repeating: "*", count: 50))
  }

  @Test func whatIsPartOfItselfIsRefused() {
    // The argument of the template is a pointer to the parameter that it is the argument of.
    #expect(isRefused("_ZN3FoocvPT_IS1_EEv"))
    #expect(isRefused("_ZN3FoocvT_IS0_EEv"))
    #expect(isRefused("_RNvB_1a"))
    #expect(isRefused("_RINvC1a1fB5_E"))
  }

  @Test func referencesThatDoubleAreRefused() {
    // Each tuple has that before it twice.
    var symbol = "_RINvC1a1f"
    var place = symbol.count
    symbol += "ThhE"
    for _ in 0..<40 {
      let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
      let number = place - 2 - 1
      let code = (number < 62 ? "" : String(digits[number / 62])) + String(digits[number % 62]) + "_"
      place = symbol.count
      symbol += "TB\(code)B\(code)E"
    }
    #expect(isRefused(symbol + "E"))
  }

  @Test func longNamesAreRefused() {
    let long = String(repeating: "x", count: SymbolName.mostBytes)
    #expect(isRefused("_Z4096\(long)"))
    #expect(!isRefused("_Z4000\(long.prefix(4000))"))
    #expect(isRefused("_ZTV4088\(long.prefix(4088))"))
    #expect(isRefused("_RNvC7mycrateu4000\(String(repeating: "a", count: 4000))"))
  }

  /// Symbols a byte or a piece away from good ones.
  @Test func noneIsLongerThanItMayBe() {
    var generator = SeededGenerator(seed: 7)
    let symbols = SymbolNameCases.cPlusPlus.map { Array($0.symbol.utf8) }
    let pieces = Array("_NZEISTPRKOFJDpLXst0123456789aivCGUlMAQW.@".utf8)
    var read = 0
    for _ in 0..<20_000 {
      var symbol = symbols.randomElement(using: &generator) ?? []
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 2...symbol.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: symbol.insert(pieces.randomElement(using: &generator) ?? 0, at: place)
        case 1 where place < symbol.count: symbol.remove(at: place)
        case 2 where place < symbol.count: symbol[place] = pieces.randomElement(using: &generator) ?? 0
        default:
          let other = symbols.randomElement(using: &generator) ?? []
          symbol.insert(contentsOf: other[Int.random(in: 0..<other.count, using: &generator)...], at: place)
        }
      }
      guard let whole = SymbolName.demangle(symbol, isBrief: false) else { continue }
      read += 1
      #expect(whole.count <= SymbolName.mostBytes)
      let brief = SymbolName(symbol).demangled
      #expect(brief?.count ?? .max <= SymbolName.mostBytes, "\(String(decoding: symbol, as: UTF8.self))")
    }
    #expect(read > 1000)
  }
}
