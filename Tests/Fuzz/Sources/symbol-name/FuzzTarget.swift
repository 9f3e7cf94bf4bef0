import MemDump

/// A symbol: what it is called is of no more bytes than it may have, safe to print, and found in time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let name = SymbolName(Array(UnsafeBufferPointer(start: start, count: count)))
  if let demangled = name.demangled {
    precondition(demangled.count <= SymbolName.mostBytes && name.symbol.count <= SymbolName.mostBytes)
    precondition(name.symbol.starts(with: "_Z".utf8) || name.symbol.starts(with: "_R".utf8))
  }
  precondition(name.description.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
  return 0
}
