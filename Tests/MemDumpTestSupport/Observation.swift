import Glibc

// What the kernel tells of a process, read by code of our own and not by the library that is tested.

/// The bytes of a file; nil where it cannot be read.
public func fileBytes(_ path: String) -> [UInt8]? {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(file, &chunk, chunk.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return count == 0 ? bytes : nil }
    bytes += chunk[..<count]
  }
}

/// The text of a file; nil where it cannot be read.
public func fileText(_ path: String) -> String? { fileBytes(path).map { String(decoding: $0, as: UTF8.self) } }

/// The names in a directory.
public func fileNames(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// The state letter of every thread of a process.
public func threadStates(_ process: Int32) -> [Int32: Character] {
  var states: [Int32: Character] = [:]
  for name in fileNames(in: "/proc/\(process)/task") {
    guard let thread = Int32(name), let text = fileText("/proc/\(process)/task/\(name)/stat"),
      let close = text.lastIndex(of: ")")
    else { continue }
    states[thread] = text[text.index(after: close)...].first { $0 != " " }
  }
  return states
}

/// How many threads stand still, by a signal or a tracer.
public func stoppedThreadCount(_ process: Int32) -> Int {
  threadStates(process).values.count { $0 == "T" || $0 == "t" }
}

/// The value of a line of /proc/PID/status.
public func statusField(_ process: Int32, _ name: String) -> String? {
  fileText("/proc/\(process)/status")?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    .map { String($0.dropFirst(name.count + 1)).trimmingBlanks() }
}

/// A size of /proc/PID/status in KiB.
public func statusSize(_ process: Int32, _ name: String) -> Int? {
  statusField(process, name).flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }
}

/// The process that traces another one; 0 for none.
public func tracer(_ process: Int32) -> Int32 { statusField(process, "TracerPid").flatMap { Int32($0) } ?? 0 }

/// The children of a process, those of a name where one is given.
public func children(of process: Int32, named name: String? = nil) -> [Int32] {
  // Needs CONFIG_PROC_CHILDREN; otherwise every process is looked at.
  let lists = fileNames(in: "/proc/\(process)/task").map { fileText("/proc/\(process)/task/\($0)/children") }
  let candidates =
    lists.contains { $0 != nil }
    ? lists.flatMap { ($0 ?? "").split(separator: " ").compactMap { Int32($0) } }
    : fileNames(in: "/proc").compactMap { Int32($0) }.filter { statusField($0, "PPid") == "\(process)" }
  return candidates.filter { name == nil || statusField($0, "Name") == name }
}

/// The name of the helper process that owns every attachment.
public let holderName = "memdump-holder"

/// The processes of a name.
public func processes(named name: String) -> [Int32] {
  fileNames(in: "/proc").compactMap { Int32($0) }.filter { statusField($0, "Name") == name }
}

/// Whether there is such a process, a zombie among them.
public func processExists(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }

extension String {
  func trimmingBlanks() -> String {
    String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
