import MemDump

/// An ELF file: no part is asked for that cannot be one, and every symbol that is found holds the address it was asked for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  func read(_ range: Range<UInt64>) -> [UInt8] {
    precondition(range.upperBound <= UInt64(Int64.max) && range.upperBound - range.lowerBound <= 512 << 20)
    let end = UInt64(bytes.count)
    return Array(bytes[Int(min(range.lowerBound, end))..<Int(min(range.upperBound, end))])
  }
  guard let object = ELFObject(read) else { return 0 }
  if let link = object.debugLink { precondition(!link.name.isEmpty && !link.name.contains(0x2f)) }
  if let id = object.buildID { precondition(!id.isEmpty) }
  for segment in object.segments { _ = object.address(ofFileOffset: segment.offset) }
  let kinds: [(ELFObject.Table, SymbolTable.Subject)] = [
    (.all, .variables), (.all, .functions), (.dynamic, .variables), (.dynamic, .functions),
  ]
  for (kind, subject) in kinds {
    guard let table = object.symbols(kind, of: subject, read) else { continue }
    for address in object.sections.map(\.offset) + object.segments.map(\.address) + [0, 0x4010, .max] {
      guard let symbol = table.symbol(at: address) else { continue }
      precondition(address - symbol.address < symbol.byteCount && !symbol.name.isEmpty)
    }
  }
  return 0
}
