internal import Synchronization
import SystemPackage

/// The text of a file in pieces of whole lines. Of a long one a thread reads the next piece while one is worked on: the kernel
/// takes as long to make a map of many mappings as we do to understand it, and such a text never is in memory as a whole.
enum LinePieces {
  /// The bytes that a piece is to have; it has more where a line is longer.
  static let byteCount = 256 << 10

  /// Hands out the pieces in order, until there are no more or `body` returns false.
  static func forEach(in path: FilePath, byteCount: Int = byteCount, _ body: ([UInt8]) -> Bool) throws(Errno) {
    let reader = PieceReader(try Descriptor(opening: path), byteCount)
    let first = try reader.read().get()
    guard body(first), !reader.isAtEnd else { return }
    let thread = Syscall.startThread {
      reader.run()
      return 0
    }
    // Where the system gives no thread, this one does both.
    let isAlone = !thread.hasStarted
    defer {
      reader.stop()
      _ = thread.join()
    }
    while true {
      let piece = try (isAlone ? reader.read() : reader.take()).get()
      guard !piece.isEmpty, body(piece) else { return }
    }
  }
}

/// A reader of pieces, which hands them from the thread that reads to the one that works.
private final class PieceReader: @unchecked Sendable {
  private let file: Descriptor
  private let byteCount: Int
  /// What was read behind the last line of a piece.
  private var rest: [UInt8] = []
  /// Whether all was read. Of the thread that reads.
  private(set) var isAtEnd = false
  /// The piece that is handed over, between a signal of `filled` and one of `emptied`.
  private var piece: Result<[UInt8], Errno> = .success([])
  private let (filled, emptied) = (Semaphore(0), Semaphore(1))
  private let isStopped = Atomic<Bool>(false)

  init(_ file: consuming Descriptor, _ byteCount: Int) {
    self.file = file
    self.byteCount = max(1, byteCount)
  }

  /// Reads the next piece; an empty one at the end.
  func read() -> Result<[UInt8], Errno> {
    var bytes = rest
    rest = []
    do throws(Errno) {
      while !isAtEnd {
        let more = try Syscall.contents(file.file, limit: byteCount)
        bytes += more
        isAtEnd = more.count < byteCount
        guard !isAtEnd, let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { continue }
        rest = Array(bytes[(end + 1)...])
        bytes.removeLast(rest.count)
        break
      }
    } catch {
      isAtEnd = true
      return .failure(error)
    }
    return .success(bytes)
  }

  /// Reads pieces until the end, or until it is stopped.
  func run() {
    while true {
      let next = read()
      emptied.wait()
      if isStopped.load(ordering: .acquiring) { return }
      piece = next
      filled.signal()
      guard case .success(let bytes) = next, !bytes.isEmpty else { return }
    }
  }

  /// Takes the next piece from the thread that reads.
  func take() -> Result<[UInt8], Errno> {
    filled.wait()
    defer {
      piece = .success([])
      emptied.signal()
    }
    return piece
  }

  /// Has the thread that reads come to an end.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    emptied.signal()
  }
}
