import FuzzSupport
import Glibc
import MemDump
import SystemPackage

/// A file without a name, in memory, that holds one input after the other.
private let file: CInt = {
  var path = Array("/dev/shm/fuzz-core-XXXXXX".utf8CString)
  let file = mkstemp(&path)
  unlink(path)
  return file
}()

/// What a scan finds, and where in the file that is.
private struct Findings: FindingSink {
  var list: [(address: Address, text: [UInt8])] = []

  mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
    list.append((finding.address, text.withUnsafeBytes { Array($0) }))
    return true
  }
}

/// An ELF core, as a file: segments in order without an overlap, each byte of them accounted for by a scan, and findings that
/// stand in the file where it says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let header = CoreParser.header(bytes) { precondition(header.kind == .core) }
  for file in CoreParser.mappedFiles(notes: bytes) { precondition(!file.range.isEmpty) }
  precondition(ftruncate(file, 0) == 0 && pwrite(file, bytes, count, 0) == count)
  do throws(MemDumpError) {
    try checkCore(bytes)
  } catch {
    precondition(error.code == .malformed || error.code == .file, "\(error)")
  }
  return 0
}

private func checkCore(_ bytes: [UInt8]) throws(MemDumpError) {
  let core = try CoreFile(FilePath("/proc/self/fd/\(file)"))
  var end = Address(0)
  for (index, region) in core.regions.enumerated() {
    precondition(region.number == index + 1 && region.range.lowerBound >= end && !region.range.isEmpty)
    end = region.range.upperBound
  }
  var findings = Findings()
  let summary = try Scan(patterns: [IPv4Port()], chunk: 4096).run(core, into: &findings)
  let total = core.regions.reduce(0) { $0 + $1.range.byteCount }
  precondition(summary.byteCount + summary.absentByteCount + summary.unreadByteCount == total)
  for (address, text) in findings.list {
    for (index, byte) in text.enumerated() {
      guard let offset = core.fileOffset(of: address + UInt64(index)) else {
        preconditionFailure("no place in the file")
      }
      precondition(bytes[Int(offset)] == byte)
    }
  }
}
