import MemDump

/// The text of /proc/PID/net/tcp and its like: a socket for each line behind the first, or the number of a line. The bytes are
/// an endpoint, too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
  do throws(MalformedText) {
    let sockets = try SocketTable.parse(bytes)
    precondition(sockets.count < lineCount)
    precondition(sockets.allSatisfy { !$0.isListening || !$0.isConnected })
  } catch {
    precondition((1...lineCount).contains(error.line))
  }
  if let endpoint = Endpoint(parsing: bytes) {
    precondition(bytes.contains(UInt8(ascii: ":")) && Endpoint(parsing: bytes) == endpoint)
  }
  return 0
}
