/// What the mappings of a process are for, by the map alone: the first rule that fits counts.
struct MappingUse {
  /// The files that have code in memory, by device and inode, or, without these, by name.
  private let programs: Set<FileIdentity>

  /// A mapped file.
  private struct FileIdentity: Hashable {
    var device: UInt64
    var inode: UInt64
    var name: [UInt8]

    init(_ region: MemoryRegion) { (device, inode, name) = (region.deviceNumber, region.inode, region.name) }
  }

  init(_ regions: [MemoryRegion]) {
    programs = Set(
      regions.filter { $0.kind == .file && $0.permissions.contains(.execute) }.map { FileIdentity($0) })
  }

  /// What a mapping is for.
  func use(of region: MemoryRegion) -> FootprintUse {
    switch region.kind {
    case .kernel: return FootprintUse(.kernel)
    case .device: return FootprintUse(.device)
    case .shared: return FootprintUse(.shared, part: region.name.isEmpty ? "anonymous" : region.sharedName)
    case .stack: return FootprintUse(.stack, part: "main thread")
    case .heap: return FootprintUse(.heap, of: "program break, not walked")
    case .file where programs.contains(FileIdentity(region)) && !region.permissions.contains(.shared):
      return FootprintUse(.program, part: Self.programPart(region))
    case .file:
      return FootprintUse(
        .file, part: region.permissions.contains(.shared) ? "shared with the page cache" : "private")
    case .anonymous: break
    }
    if region.permissions.intersection([.read, .write, .execute]).isEmpty { return FootprintUse(.reserved) }
    if let name = region.givenName { return FootprintUse(.named, of: name) }
    return FootprintUse(.unexplained)
  }

  private static func programPart(_ region: MemoryRegion) -> String {
    if region.permissions.contains(.write) { return "variables" }
    if region.permissions.contains(.execute) { return "code" }
    // What the linker writes to once, and protects then (RELRO).
    let isWritten = region.usage.map { $0.anonymous > 0 || $0.swap > 0 } ?? false
    return isWritten ? "relocated" : "constants"
  }
}

extension MemoryRegion {
  /// The name that the program gave to anonymous memory, safe to print; nil for none.
  fileprivate var givenName: String? {
    let prefix = Array("[anon:".utf8)
    guard name.starts(with: prefix), name.last == UInt8(ascii: "]") else { return nil }
    let given = name.dropFirst(prefix.count).dropLast().drop { $0 == UInt8(ascii: " ") }
    return given.isEmpty ? nil : EscapedText(given).description
  }

  /// The kind of shared memory by its name.
  fileprivate var sharedName: String {
    if name.starts(with: "/dev/zero".utf8) { return "anonymous" }
    if name.starts(with: "/SYSV".utf8) { return "System V" }
    if name.starts(with: "/memfd:".utf8) { return "memfd" }
    return name.starts(with: "/dev/shm/".utf8) ? "POSIX" : "other"
  }
}
