/// The kind of memory in a mapping.
public enum RegionKind: String, CaseIterable, Sendable {
  /// The program break area (brk), with which malloc starts.
  case heap
  /// The stack of the main thread.
  case stack
  /// Private anonymous memory.
  case anonymous = "anon"
  /// A mapped file.
  case file
  /// Anonymous memory that several processes may share: MAP_SHARED, memfd, System V and POSIX shared memory.
  case shared
  /// Memory of a device.
  case device
  /// Memory that the kernel maps by itself, such as the vDSO.
  case kernel

  /// Tells the kind from the fields of a line of the map.
  init(name: [UInt8], inode: UInt64, isShared: Bool) {
    func starts(_ prefix: StaticString) -> Bool {
      prefix.withUTF8Buffer { unsafe name.starts(with: $0) }
    }
    switch name.first {
    case nil:
      self = isShared ? .shared : .anonymous
    case UInt8(ascii: "["):
      if starts("[heap]") {
        self = .heap
      } else if starts("[stack") {
        self = .stack
      } else if starts("[anon") {
        self = isShared ? .shared : .anonymous
      } else {
        self = .kernel
      }
    case UInt8(ascii: "/"):
      let isMemory = starts("/dev/zero") || starts("/memfd:") || starts("/SYSV") || starts("/dev/shm/")
      if starts("/anon_hugepage (deleted)") {
        // MAP_ANONYMOUS | MAP_HUGETLB: the kernel makes a file of it, which has no name anywhere (hugetlb_file_setup).
        self = isShared ? .shared : .anonymous
      } else if isMemory {
        self = isShared ? .shared : .file
      } else {
        self = starts("/dev/") ? .device : .file
      }
    default:
      // anon_inode:[perf_event], socket:[123] and the like: rings shared with the kernel.
      self = .device
    }
  }
}
