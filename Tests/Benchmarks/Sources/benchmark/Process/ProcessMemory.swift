import Foundation

/// Memory of a process, taken without the tool that is measured.
enum ProcessMemory {
  /// What is readable, writable and private, of the most `limit` bytes; untouched pages read as zeros and are left out.
  static func ownWriting(of process: pid_t, limit: Int) throws -> [UInt8] {
    let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .isoLatin1)
    let memory = try Spawn.open("/proc/\(process)/mem", O_RDONLY)
    defer { close(memory) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    for line in maps.split(separator: "\n") {
      let words = line.split(separator: " ")
      let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard words[1] == "rw-p", ends.count == 2 else { continue }
      for start in stride(from: ends[0], to: ends[1], by: buffer.count) {
        let length = min(buffer.count, Int(ends[1] - start))
        guard case let count = pread(memory, &buffer, length, off_t(start)), count > 0 else { continue }
        if buffer[..<count].contains(where: { $0 != 0 }) { result += buffer[..<count] }
        if result.count >= limit { return result }
      }
    }
    return result
  }

  /// The size of the heap that the kernel knows.
  static func heapByteCount(of process: pid_t) throws -> UInt64 {
    let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .isoLatin1)
    return maps.split(separator: "\n").filter { $0.hasSuffix("[heap]") }.reduce(0) { sum, line in
      let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
      return ends.count == 2 ? sum + ends[1] - ends[0] : sum
    }
  }
}
