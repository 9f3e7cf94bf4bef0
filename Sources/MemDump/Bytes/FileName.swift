extension RandomAccessCollection<UInt8> {
  /// What of a path stands behind its last slash; all of it where there is none.
  package var fileName: SubSequence {
    self[(lastIndex(of: UInt8(ascii: "/")).map { index(after: $0) } ?? startIndex)...]
  }
}

extension String {
  /// The name of something in a module, safe to print: `libapp.so:cache`, or `libapp.so` with what stands for it in place of
  /// a symbol.
  static func name(in module: [UInt8]?, symbol: String?, else place: String = "") -> String {
    EscapedText((module ?? []).fileName).description + (symbol.map { ":\($0)" } ?? place)
  }
}
