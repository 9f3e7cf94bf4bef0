/// What a mapping is made of.
public enum RegionKind: String, CaseIterable, Sendable {
  /// The break area that malloc starts with.
  case heap
  /// The stack of the main thread.
  case stack
  /// Private memory without a file.
  case anonymous = "anon"
  /// A mapped file.
  case file
  /// Anonymous memory that several processes may share: MAP_SHARED, memfd, System V and POSIX shared memory.
  case shared
  /// Memory of a device.
  case device
  /// What the kernel puts there itself, such as the vDSO.
  case kernel

  /// Tells the kind from what stands in the map.
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
      if isMemory {
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
