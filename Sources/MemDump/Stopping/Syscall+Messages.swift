internal import Glibc
internal import SystemPackage

// Messages over a socket that keeps them apart (SOCK_SEQPACKET).

extension Syscall {
  /// Sends a message whole, or not at all; send(2).
  static func sendMessage<Message: BitwiseCopyable>(
    _ socket: FileDescriptor, _ message: Message
  ) throws(Errno) {
    let count = unsafe withUnsafeBytes(of: message) { bytes in
      unsafe send(socket.rawValue, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
    }
    guard count == MemoryLayout<Message>.size else { throw Errno(rawValue: Glibc.errno) }
  }

  /// Waits for a message of one size; recv(2). Throws ECONNRESET where the holder has gone, ETIME for a message of the
  /// size of the one that the holder sends when it has let go, and EPROTO for any other size.
  static func receiveMessage<Message: BitwiseCopyable>(
    _ socket: FileDescriptor, _ empty: Message, timeout: UInt64
  ) throws(Errno) -> Message {
    let deadline = monotonicTime &+ timeout
    guard try waitForInput([socket], until: deadline).first == true else { throw .timedOut }
    var message = empty
    func receive() -> Int {
      unsafe withUnsafeMutableBytes(of: &message) { bytes in
        unsafe recv(socket.rawValue, bytes.baseAddress, bytes.count, CInt(MSG_TRUNC))
      }
    }
    var count = receive()
    // A holder that ends before it has read our last request makes the kernel say so once, before what it had sent
    // (unix_release_sock).
    if count < 0, Glibc.errno == ECONNRESET { count = receive() }
    guard count >= 0 else { throw Errno(rawValue: Glibc.errno) }
    switch count {
    case MemoryLayout<Message>.size: return message
    case 0: throw .connectionReset
    case resumeReportByteCount: throw .outOfTime
    default: throw .protocolError
    }
  }

  /// Ends our direction of a socket; shutdown(2).
  static func endSending(_ socket: FileDescriptor) { _ = shutdown(socket.rawValue, CInt(SHUT_WR)) }

  /// Ends both directions of a socket, so that the other end sees that we have gone; shutdown(2).
  static func disconnect(_ socket: FileDescriptor) { _ = shutdown(socket.rawValue, CInt(SHUT_RDWR)) }

  /// The error that a report names by its number; nil for 0.
  static func reportedError(_ number: Int32) -> Errno? {
    number == 0 ? nil : number > 0 ? Errno(rawValue: number) : .protocolError
  }
}
