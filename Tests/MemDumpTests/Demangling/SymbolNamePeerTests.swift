import MemDumpTestSupport
import Testing

@testable import MemDump

/// What c++filt of binutils says of the symbols of real libraries.
@Suite(.enabled(if: has("c++filt", "nm"), "binutils are not installed")) struct SymbolNamePeerTests {
  /// Where a library is that this test is linked with.
  private static func library(_ name: String) -> String? {
    guard let maps = fileText("/proc/self/maps") else { return nil }
    let line = maps.split(separator: "\n").first { $0.hasSuffix("/\(name)") || $0.contains("/\(name).") }
    return line.flatMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } }
  }

  private static func lines(_ program: String, _ arguments: [String], input: String = "") throws -> [String] {
    let output = try Child(program, arguments).communicate(Array(input.utf8), within: .seconds(60)).0
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// One in `stride` of the mangled names of a file, without the suffixes that c++filt leaves out.
  private static func symbols(_ path: String, _ options: [String], stride count: Int) throws -> [String] {
    let names = try lines("nm", options + ["--defined-only", path]).compactMap { $0.split(separator: " ").last }
    let mangled = Set(names.filter { $0.hasPrefix("_Z") }.map { $0.prefix { $0 != "." && $0 != "@" } }).sorted()
    return stride(from: 0, to: mangled.count, by: count).map { String(mangled[$0]) }
  }

  /// What c++filt writes in a longer way; `Ss` and the like it writes as the class where it is a scope.
  private static func normal(_ text: String) -> String {
    var text = text
    while text.contains("> >") { text = text.replacing("> >", with: ">>") }
    text = text.replacing(
      "std::basic_string<char, std::char_traits<char>, std::allocator<char>>", with: "std::string")
    for name in ["istream", "ostream", "iostream"] {
      text = text.replacing("std::basic_\(name)<char, std::char_traits<char>>", with: "std::\(name)")
    }
    return text
  }

  private static func compare(_ symbols: [String]) throws {
    let theirs = try lines("c++filt", ["-p"], input: symbols.joined(separator: "\n") + "\n")
    try #require(theirs.count == symbols.count && symbols.count > 1000)
    var (known, same) = (0, 0)
    var examples: [String] = []
    for (symbol, other) in zip(symbols, theirs) where symbol != other {
      known += 1
      let own = SymbolName.demangle(Array(symbol.utf8), isBrief: false).map { String(decoding: $0, as: UTF8.self) }
      if normal(own ?? symbol) == normal(other) {
        same += 1
      } else if examples.count < 10 {
        examples.append("\(symbol)\n  \(own ?? "-")\n  \(other)")
      }
    }
    #expect(known > symbols.count * 99 / 100)
    #expect(Double(same) >= Double(known) * 0.998, "\(same) of \(known)\n\(examples.joined(separator: "\n"))")
  }

  @Test func thoseOfTheStandardLibrary() throws {
    try Self.compare(Self.symbols(#require(Self.library("libstdc++.so.6")), ["-D"], stride: 1))
  }

  @Test func thoseOfTheRuntimeOfSwift() throws {
    try Self.compare(Self.symbols(#require(Self.library("libswiftCore.so")), [], stride: 1))
  }

  @Test(.enabled(if: has("node"), "there is no node")) func thoseOfNode() throws {
    try Self.compare(Self.symbols(#require(Programs.find("node")), ["-D"], stride: 23))
  }
}
