internal import Glibc
import SystemPackage

// Memory of our own.

extension Syscall {
  /// Maps private memory and touches every page of it; mmap(2) with MAP_POPULATE.
  static func mapMemory(byteCount: Int) throws(Errno) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | CInt(MAP_POPULATE)
    guard byteCount > 0, let start = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
      unsafe start != MAP_FAILED
    else { throw byteCount > 0 ? Errno(rawValue: Glibc.errno) : .invalidArgument }
    return unsafe start
  }

  /// Maps private memory, untouched, so that the byte at `offset` is at a multiple of `alignment`; mmap(2).
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

  /// Gives memory back; munmap(2).
  static func unmapMemory(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    _ = unsafe munmap(start, byteCount)
  }
}
