import SystemPackage

/// Writes memory as it is: byte N of the file is the byte at base + N.
enum RawFormat {
  /// What was written, and what was not.
  struct Result {
    var byteCount: UInt64 = 0
    var holes: [Manifest.Hole] = []
  }

  private static let chunk = 1 << 20

  /// Writes a range to a file; what is not there becomes a hole of the file.
  static func write(
    _ range: Range<Address>, of source: any MemorySource, to output: borrowing OutputFile
  ) throws(MemDumpError) -> Result {
    try output.setByteCount(range.byteCount)
    return try copy(range, of: source) { (bytes, address) throws(MemDumpError) in
      try output.write(bytes, at: address - range.lowerBound)
    }
  }

  /// Writes a range to a pipe; what is not there becomes zeros.
  static func stream(
    _ range: Range<Address>, of source: any MemorySource, to file: FileDescriptor, path: FilePath
  ) throws(MemDumpError) -> Result {
    let zeros: PageBuffer
    do throws(Errno) { zeros = try PageBuffer(byteCount: chunk) } catch {
      throw MemDumpError(.memory(needed: UInt64(chunk)))
    }
    var reached = range.lowerBound
    func fill(upTo end: Address) throws(MemDumpError) {
      while reached < end {
        let count = Int(min(UInt64(chunk), end - reached))
        try zeros.withBytes(0..<count) { (bytes: RawSpan) throws(MemDumpError) in try put(bytes) }
      }
    }
    func put(_ bytes: RawSpan) throws(MemDumpError) {
      do throws(Errno) { try Syscall.write(bytes, to: file) } catch { throw MemDumpError(.file(path, .write, error)) }
      reached = reached + UInt64(bytes.byteCount)
    }
    let result = try copy(range, of: source) { (bytes, address) throws(MemDumpError) in
      try fill(upTo: address)
      try put(bytes)
    }
    try fill(upTo: range.upperBound)
    return result
  }

  private static func copy(
    _ range: Range<Address>, of source: any MemorySource, put: (RawSpan, Address) throws(MemDumpError) -> Void
  ) throws(MemDumpError) -> Result {
    let buffer: PageBuffer
    do throws(Errno) { buffer = try PageBuffer(byteCount: chunk) } catch {
      throw MemDumpError(.memory(needed: UInt64(chunk)))
    }
    var result = Result()
    var address = range.lowerBound
    while address < range.upperBound {
      let wanted = Int(min(UInt64(chunk), range.upperBound - address))
      let runs = try buffer.withMutableBytes(0..<wanted) { (span: inout MutableRawSpan) throws(MemDumpError) in
        try source.read(at: address, into: &span)
      }
      var offset = 0
      for run in runs {
        let end = min(address + run.byteCount, range.upperBound)
        if run.content == .bytes {
          let length = Int(end - address)
          try buffer.withBytes(offset..<offset + length) { (bytes: RawSpan) throws(MemDumpError) in
            try put(bytes, address)
          }
          result.byteCount += UInt64(length)
        } else {
          result.holes.add(run.content, address..<end)
        }
        offset += Int(clamping: end - address)
        address = end
      }
      guard runs.isEmpty else { continue }
      // Nothing is mapped here any more.
      let next = source.regions.firstIndex(endingAfter: address)
      let end = next < source.regions.count ? source.regions[next].range.lowerBound : range.upperBound
      result.holes.add(.unread(.failed(.badAddress)), address..<max(address + 1, min(end, range.upperBound)))
      address = max(address + 1, min(end, range.upperBound))
    }
    return result
  }
}

extension [Manifest.Hole] {
  /// Adds a hole, as a part of the last one where that is of the same sort.
  mutating func add(_ content: MemoryRun.Content, _ range: Range<Address>) {
    let reason: String
    var errno: Int?
    switch content {
    case .bytes: return
    case .absent: reason = "untouched"
    case .unread(let why): (reason, errno) = (why.name, why.errno.map { Int($0.rawValue) })
    }
    if let last, last.range.upperBound == range.lowerBound, last.reason == reason, last.errno == errno {
      self[count - 1].range = last.range.lowerBound..<range.upperBound
    } else {
      append(Manifest.Hole(range: range, reason: reason, errno: errno))
    }
  }
}
