import Testing

@testable import MemDump

@Suite struct SymbolNameTests {
  private func name(_ symbol: String) -> String { SymbolName(Array(symbol.utf8)).description }

  private func plain(_ symbol: String) -> String? {
    SymbolName.demangle(Array(symbol.utf8), isBrief: false).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: SymbolNameCases.cPlusPlus.indices) func namesOfCPlusPlusAreRead(index: Int) {
    let (symbol, expected) = SymbolNameCases.cPlusPlus[index]
    #expect(name(symbol) == expected)
  }

  @Test(
    arguments: [
      ("_RNvC7mycrate3foo", "mycrate::foo"),
      ("_RNvNtCs1234_7mycrate5cache5TABLE", "mycrate::cache::TABLE"),
      ("_RNCNvC7mycrate4mains_0", "mycrate::main::{closure#1}"),
      ("_RNSNvC7mycrate4main0", "mycrate::main::{shim#0}"),
      ("_RINvC7mycrate3fooTlhEAhj20_E", "mycrate::foo::<(i32, u8), [u8; 32]>"),
      ("_RINvC7mycrate3fooTlEE", "mycrate::foo::<(i32,)>"),
      ("_RINvC7mycrate3fooShPcOxRL_mQbE", "mycrate::foo::<[u8], *const char, *mut i64, &u32, &mut bool>"),
      ("_RINvC7mycrate3fooKb1_Kc61_Kln5_KpE", "mycrate::foo::<true, 'a', -5, _>"),
      (
        "_RINvC7mycrate3fooFG_RL0_hEbFUKCjEuE",
        "mycrate::foo::<for<'a> fn(&'a u8) -> bool, unsafe extern \"C\" fn(usize)>"
      ),
      (
        "_RINvC7mycrate3fooDINtC4core8IteratorhEp4ItemNtC5alloc6StringEL_E",
        "mycrate::foo::<dyn core::Iterator<u8, Item = alloc::String>>"
      ),
      ("_RNvMs0_C7mycrateINtB5_5StorehE3put", "<mycrate::Store<u8>>::put"),
      ("_RNvXC7mycrateNtB2_5StoreNtB2_2Sh4area", "<mycrate::Store as mycrate::Sh>::area"),
      ("_RNvYNtC7mycrate5StoreNtB4_2Sh4area", "<mycrate::Store as mycrate::Sh>::area"),
      ("_RINvC7mycrate3fooNtB2_3BarECsab_5other", "mycrate::foo::<mycrate::Bar>"),
      ("_RNvC7mycrateu9gre_6ka8i", "mycrate::größe"),
      ("_RNvNtC7mycrateu5h1ahn1x", "mycrate::мир::x"),
      ("_RNvCsgEmfK2I1SDS_4core3FOO.0", "core::FOO.0"),
      ("_ZN7mycrate5cache3put17h5cf96ee684996d67E", "mycrate::cache::put"),
      (
        "_ZN44_$LT$$RF$T$u20$as$u20$core..fmt..Pointer$GT$3fmt17h0330d8b46a4514f7E",
        "<&T as core::fmt::Pointer>::fmt"
      ),
      (
        "_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17h46661dd7b13d874eE.llvm.77",
        "std::rt::lang_start::{{closure}}.llvm.77"
      ),
      // Not enough of a hash.
      ("_ZN7mycrate3put17h0000000000000000E", "mycrate::put::h0000000000000000"),
    ]) func namesOfRustAreRead(symbol: String, expected: String)
  { #expect(name(symbol) == expected) }

  @Test(
    arguments: [
      "", "_", "_Z", "_R", "_ZN", "_Z1", "_Z0v", "_Z5foo", "_ZE", "_ZNE", "_Z1fvE", "_Z1fvi_", "_ZTV", "_ZTX3foo",
      "_ZS_",
      "_ZSt", "_Z1fIiEvT0_", "_Z1fT_", "_ZN3fooIiEIiE1xE", "_ZZ1fvE", "_Z1fS_", "_ZGR", "_ZTC3foo", "_ZThn8N1fE",
      "main",
      "_Z99999999999999999999f", "_Z18446744073709551617f", "_ZN1AILi5E1xE", "_ZN1AIXplLi1EEE1xE", "_ZL", "_ZB1a",
      "_ZC1Ev",
      "_Z1fDp", "_ZZ1fJE", "_ZN1AIDv_E1xE", "_ZSTable", "_ZZZZZZ", "_RNv", "_RNvC7mycrate", "_RB_", "_RNvB_3foo",
      "_R1C3foo",
      "_RINvC3foo1fL1_E", "_RNvC7mycrateu3a_B", "_RINvC3foo1fKcd800_E", "$s4main3fooyyF", "?x@@3HA", "table.0",
    ]) func whatIsNotUnderstoodStaysAsItIs(symbol: String)
  {
    #expect(SymbolName(Array(symbol.utf8)).demangled == nil)
    #expect(name(symbol) == symbol)
  }

  @Test func oneThatIsTooWideLosesItsDeepestLists() {
    let pairs = (0..<4).map { "4pairI11LongishKey\($0)12LongishValueE" }.joined()
    let symbol = "_ZTV5TableI4ListIJ\(pairs)EES0_IJ\(pairs.replacing("4pair", with: "5other"))EEE"
    #expect(plain(symbol)?.utf8.count ?? 0 > SymbolName.wideByteCount)
    let pair = "pair<…>, pair<…>, pair<…>, pair<…>"
    #expect(name(symbol) == "vtable for Table<List<\(pair)>, List<\(pair.replacing("pair", with: "other"))>>")
    let word = String(repeating: "x", count: 300)
    #expect(name("_ZTV300\(word)") == "vtable for \(word)")
    #expect(name("_ZN1AI300\(word)E1xE") == "A<…>::x")
    #expect(plain("_ZN1AI300\(word)E1xE") == "A<\(word)>::x")
  }

  @Test func whatTheLibraryFillsInIsSaidInPlain() {
    #expect(plain("_ZTVSt6vectorIiSaIiEE") == "vtable for std::vector<int, std::allocator<int>>")
    #expect(name("_ZTVSt6vectorIiSaIiEE") == "vtable for std::vector<int>")
    #expect(plain("_ZN3std3__13fooE") == "std::__1::foo")
  }

  @Test func aNameOfAFileIsSafeToPrint() {
    #expect(name("_ZTV4a\u{1b}[m") == "vtable for a\\x1b[m")
    #expect(SymbolName([0x5f, 0x5a, 0x31, 0xff]).description == "\\xff")
  }
}
