@testable import MemDump

/// Regions of any size, of which little is present; the rest was never touched.
final class SparseMemory: MemorySource {
  let regions: [MemoryRegion]
  let hasAddresses = true
  private let contents: [(start: Address, bytes: [UInt8])]

  /// - Parameters:
  ///   - ranges: the regions, in order.
  ///   - names: what files they are of; anonymous memory where there is no name.
  ///   - contents: the bytes that are present, in order, each in one region.
  init(
    _ ranges: [Range<Address>], names: [Int: String] = [:], contents: [(start: UInt64, bytes: [UInt8])] = []
  ) {
    regions = ranges.enumerated().map { index, range in
      let name = names[index]
      return MemoryRegion(
        number: index + 1, range: range, permissions: [.read, .write], fileOffset: 0, inode: name == nil ? 0 : 7,
        name: Array((name ?? "").utf8), kind: name == nil ? .anonymous : .file, usage: nil, deviceNumber: 0)
    }
    self.contents = contents.map { (Address($0.start), $0.bytes) }
  }

  func fileOffset(of address: Address) -> UInt64? { nil }

  func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let region = regions.first(where: { $0.range.contains(address) }) else { return [] }
    for (start, bytes) in contents where start + UInt64(bytes.count) > address && start < region.range.upperBound {
      guard start <= address else { return absent(address, upTo: start, &buffer) }
      let offset = Int(address - start)
      let count = min(bytes.count - offset, buffer.byteCount)
      unsafe buffer.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes[offset..<offset + count]) }
      return [MemoryRun(.bytes, UInt64(count))]
    }
    return absent(address, upTo: region.range.upperBound, &buffer)
  }

  private func absent(_ address: Address, upTo end: Address, _ buffer: inout MutableRawSpan) -> [MemoryRun] {
    buffer.clear(0..<min(buffer.byteCount, Int(clamping: end - address)))
    return [MemoryRun(.absent, end - address)]
  }
}
