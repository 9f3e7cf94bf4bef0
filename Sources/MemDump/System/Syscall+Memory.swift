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

  /// Gives memory back; munmap(2).
  static func unmapMemory(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    _ = unsafe munmap(start, byteCount)
  }
}
