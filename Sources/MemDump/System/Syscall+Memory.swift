internal import CProcMem
internal import Glibc
import SystemPackage

// Memory of our own.

extension Syscall {
  /// Maps private anonymous memory and touches every page of its first `touched` bytes, in huge pages where there are some;
  /// mmap(2), madvise(2).
  static func mapMemory(byteCount: Int, touching touched: Int) throws(Errno) -> UnsafeMutableRawPointer {
    guard touched > 0, touched <= byteCount else { throw .invalidArgument }
    let start = unsafe try mapMemory(nil, byteCount, touched < byteCount ? MAP_NORESERVE : 0)
    // One fault in place of 512, and one clearing at the speed of memory.
    if touched >= leastHuge { _ = unsafe madvise(start, touched, MADV_HUGEPAGE) }
    if unsafe madvise(start, touched, populate) == 0 { return unsafe start }
    // Before Linux 5.14 only a new mapping can be touched as a whole.
    do throws(Errno) { return try unsafe mapMemory(start, touched, MAP_FIXED | CInt(MAP_POPULATE)) } catch {
      unsafe unmapMemory(start, byteCount: byteCount)
      throw error
    }
  }

  /// MADV_POPULATE_WRITE.
  private static let populate: CInt = 23
  private static let leastHuge = 8 << 20

  private static func mapMemory(
    _ place: UnsafeMutableRawPointer?, _ byteCount: Int, _ flags: CInt
  ) throws(Errno) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | flags
    guard let start = unsafe mmap(place, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), unsafe start != MAP_FAILED
    else { throw Errno(rawValue: Glibc.errno) }
    return unsafe start
  }

  /// Maps private anonymous memory, untouched, the byte at `offset` at a multiple of `alignment`; mmap(2).
  static func reserveMemory(byteCount: Int, aligned alignment: Int, at offset: Int) throws(Errno)
    -> UnsafeMutableRawPointer
  {
    let room = byteCount + alignment
    guard byteCount > 0, let start = unsafe mmap(nil, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      unsafe start != MAP_FAILED
    else { throw byteCount > 0 ? Errno(rawValue: Glibc.errno) : .invalidArgument }
    let place = unsafe (start + offset).alignedUp(toMultipleOf: alignment) - offset
    let end = unsafe (place + byteCount).alignedUp(toMultipleOf: Int(pageSize))
    if unsafe place > start { unsafe unmapMemory(start, byteCount: place - start) }
    if unsafe start + room > end { unsafe unmapMemory(end, byteCount: start + room - end) }
    return unsafe place
  }

  /// Unmaps memory; munmap(2).
  static func unmapMemory(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    _ = unsafe munmap(start, byteCount)
  }
}

// MARK: Windows on files

extension Syscall {
  /// Opens a window on a file in memory of our own; see cprocmem_file_window.h. Returns the number of the window; nil
  /// where too many are open.
  static func openFileWindow(_ start: UnsafeMutableRawPointer) -> CInt? {
    let number = unsafe cprocmem_file_window_open(start)
    return number < 0 ? nil : number
  }

  /// Maps a part of a file to the start of a window; mmap(2).
  static func mapFileWindow(
    _ window: CInt, _ file: FileDescriptor, at offset: UInt64, byteCount: Int
  ) throws(Errno) {
    let result = cprocmem_file_window_map(window, file.rawValue, offset, byteCount)
    if result < 0 { throw Errno(rawValue: -result) }
  }

  /// Whether the file mapped in a window lacked bytes that were looked at.
  static func isFileWindowCut(_ window: CInt) -> Bool { cprocmem_file_window_is_cut(window) != 0 }

  /// Closes a window.
  static func closeFileWindow(_ window: CInt) { cprocmem_file_window_close(window) }
}
