import SystemPackage

/// Files whose file system asks somebody else when they are closed (the operation `flush` of the kernel): a daemon, or a
/// server. The child of a snapshot closes all files, and would wait for an answer.
enum AskedFiles {
  /// The file systems that ask whatever the file was opened for, and those that ask only where it may have been written to.
  private static let always = ["fuse", "fuseblk", "coda", "orangefs"]
  private static let whenWritable = ["nfs", "nfs4", "cifs", "smb3", "afs"]

  /// The kind of file system of an open file of a process that is asked at a close; nil for none. Nothing is asked now.
  static func fileSystem(of target: TargetProcess) -> String? {
    guard let mounts = try? ProcFS.read(target.path(.mounts)) else { return nil }
    let kinds = fileSystems(mounts)
    guard !kinds.isEmpty else { return nil }
    let directory = target.path(.descriptorFacts)
    for name in (try? Syscall.directoryEntries(directory)) ?? [] {
      guard let facts = (try? ProcFS.read(directory.appending(name))).flatMap(facts), let kind = kinds[facts.mount]
      else {
        continue
      }
      if facts.isWritable || !whenWritable.contains(kind) { return kind }
    }
    return nil
  }

  /// The mounts that ask, by their numbers, with their kinds, in the text of /proc/PID/mountinfo: `NUMBER PARENT DEVICE ROOT
  /// PLACE OPTIONS … - KIND SOURCE OPTIONS`.
  static func fileSystems(_ text: [UInt8]) -> [UInt64: String] {
    var kinds: [UInt64: String] = [:]
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      guard let number = words.first.flatMap({ UInt64(String(decoding: $0, as: UTF8.self)) }),
        let dash = words.firstIndex(where: { $0.elementsEqual("-".utf8) }), dash + 1 < words.count
      else { continue }
      let kind = String(decoding: words[dash + 1], as: UTF8.self)
      if always.contains(kind) || whenWritable.contains(kind) || kind.hasPrefix("fuse.") { kinds[number] = kind }
    }
    return kinds
  }

  /// The mount of an open file, and whether it can be written to, by the text of /proc/PID/fdinfo/NUMBER.
  static func facts(_ text: [UInt8]) -> (mount: UInt64, isWritable: Bool)? {
    var lines = ByteReader(text)
    var (mount, flags): (UInt64?, UInt64) = (nil, 0)
    while let line = lines.takeLine() {
      var reader = ByteReader(text, line)
      let key = reader.take(upTo: UInt8(ascii: ":"))
      reader.skipBlanks()
      if key.elementsEqual("mnt_id".utf8) { mount = reader.number() }
      if key.elementsEqual("flags".utf8) { flags = reader.number(radix: 8) ?? 0 }
    }
    return mount.map { ($0, flags & 3 != 0) }
  }
}
