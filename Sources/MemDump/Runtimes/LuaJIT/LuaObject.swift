/// An object of LuaJIT, with what it takes.
struct LuaObject: Sendable {
  var kind: LuaLayout.Kind
  var address: Address
  /// The bytes of the object itself, as LuaJIT counts them; nil where that cannot be told.
  var byteCount: UInt64?
  /// The bytes of what it has beside: the elements and the nodes of a table, the stack of a thread.
  var ownedByteCount: UInt64 = 0
  /// Of a table, its parts.
  var table: LuaLayout.Table?

  /// Reads an object of any type but string; nil where what stands there is none.
  init?(_ header: LuaLayout.Header, at address: Address, _ words: inout WordCache) throws(MemDumpError) {
    (kind, self.address) = (header.kind, address)
    switch header.kind {
    case .string: return nil
    case .upvalue: byteCount = 48
    case .function:
      // Those of C, which have a number of their own, have a pointer more.
      byteCount = (header.first == 0 ? 40 : 48) + UInt64(header.second) * 8
    case .thread:
      guard let size = try words.word(at: address + 88) else { return nil }
      byteCount = LuaLayout.threadByteCount
      ownedByteCount = (size & 0xffff_ffff) * 8
      guard ownedByteCount < 1 << 32 else { return nil }
    case .proto:
      guard let size = try words.word(at: address + 56), size & 0xffff_ffff < 1 << 30 else { return nil }
      byteCount = size & 0xffff_ffff
    case .userdata:
      guard let size = try words.word(at: address + 24), size & 0xffff_ffff < 1 << 31 else { return nil }
      byteCount = 48 + size & 0xffff_ffff
    case .table:
      guard let table = try LuaLayout.Table(header, at: address, &words) else { return nil }
      self.table = table
      (byteCount, ownedByteCount) = (table.byteCount, table.ownedByteCount)
    case .trace, .cdata: byteCount = nil
    }
  }
}
