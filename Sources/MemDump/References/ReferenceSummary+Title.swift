extension ReferenceSummary.Row {
  /// The name of the holder, safe to print: `a.so:cache::table+0x10`, `a.so+0x1a2b8`, `a.so+0x4080…+0x7ef8`, `stack of thread 12`.
  public var title: String { title(symbol: symbol.map { SymbolName($0).description }) }

  /// The name with the symbol as it stands in the module.
  public var plainTitle: String { title(symbol: symbol.map { EscapedText($0).description }) }

  private func title(symbol: String?) -> String {
    switch kind {
    case .variable:
      let offset = offset.map { $0 == 0 && symbol != nil ? "" : "+\(Address($0))" } ?? ""
      let last = lastOffset.map { "…+\(Address($0))" } ?? ""
      return .name(in: module, symbol: symbol) + offset + last
    case .stack: return "stack of thread \(thread?.description ?? "?")"
    case .pool:
      let (kind, role) = (pool.first ?? "", pool.last ?? "")
      return "\(role) \(PoolKinds.noun(of: kind)) of \(PoolKinds.owner(of: kind))"
    case .goroutines: return "goroutines"
    case .threadLocal: return "thread-local data of thread \(thread?.description ?? "?")"
    }
  }
}
