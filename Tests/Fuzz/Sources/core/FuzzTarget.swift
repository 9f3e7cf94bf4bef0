import MemDump

/// An ELF core: segments in order without an overlap, and files that span something.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let header = CoreParser.header(bytes)
  _ = CoreParser.programHeaderCount(sectionHeader: bytes)
  let offset = Int(clamping: header?.programHeaderOffset ?? 0)
  let parser = CoreParser(programHeaders: Array(bytes.dropFirst(offset)))
  var end = Address(0)
  for segment in parser.segments {
    precondition(segment.range.lowerBound >= end && !segment.range.isEmpty)
    precondition(segment.fileByteCount <= segment.range.byteCount)
    end = segment.range.upperBound
  }
  for notes in parser.notes.map({ $0.clamped(to: 0..<UInt64(bytes.count)) }) + [0..<UInt64(bytes.count)] {
    let files = CoreParser.mappedFiles(notes: Array(bytes[Int(notes.lowerBound)..<Int(notes.upperBound)]))
    precondition(files.allSatisfy { !$0.range.isEmpty })
  }
  return 0
}
