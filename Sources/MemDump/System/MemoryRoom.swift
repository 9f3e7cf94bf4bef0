/// How much memory this process may take before another one has to suffer for it: what the machine has left, and what every
/// limit above our own control group leaves. A process that is looked at from inside of its container is under the same
/// limit, and near it where it leaks.
enum MemoryRoom {
  /// What is left for others, whatever we take, in bytes.
  static let reserve: UInt64 = 64 << 20

  /// How many bytes may be taken now; nil where neither the machine nor a limit tells.
  static func available() -> UInt64? {
    guard let least = [ProcFS.availableMemory(), limit()?.available].compactMap(\.self).min() else { return nil }
    return least - min(least, reserve)
  }

  /// The tightest limit above our own control group; nil where there is none.
  static func limit() -> CgroupFS.MemoryLimit? {
    (try? ProcFS.read(ProcFS.ownPath(.cgroup))).flatMap(CgroupFS.memoryLimit)
  }

  /// So many bytes, or half of what may be taken where that is less.
  static func bounded(_ byteCount: UInt64) -> UInt64 { min(byteCount, available().map { $0 / 2 } ?? byteCount) }
}
