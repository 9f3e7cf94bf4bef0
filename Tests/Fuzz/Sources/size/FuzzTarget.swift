import MemDump

/// A size as a person writes it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  guard let size = ByteSize(parsing: text) else { return 0 }
  precondition(text.utf8.allSatisfy { $0 < 0x80 })
  precondition(ByteSize(parsing: String(size.byteCount)) == size)
  // Written for people a size loses its last digits, but no more; above 2^53 a fraction is not exact.
  guard let rounded = ByteSize(parsing: size.description.filter { $0 != " " }) else {
    preconditionFailure("it cannot be read again")
  }
  let difference = max(rounded, size).byteCount - min(rounded, size).byteCount
  precondition(difference <= size.byteCount / 8)
  return 0
}
