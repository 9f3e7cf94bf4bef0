import MemDumpTestSupport
import Testing

@testable import MemDump

@Suite struct MemoryPartTests {
  /// A source that goes on where regions touch, and says more of the last run than was asked for.
  private final class Whole: MemorySource {
    let regions: [MemoryRegion]
    let hasAddresses = true

    init() throws { regions = try MapsParser.parse(Array("1000-2000 rw-p 0 0:0 0\n2000-3000 rw-p 0 0:0 0\n".utf8)) }

    func fileOffset(of address: Address) -> UInt64? { nil }

    func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
      let count = min(UInt64(buffer.byteCount), 0x800)
      return [MemoryRun(.bytes, count), MemoryRun(.absent, Address(0x3000) - address - count)]
    }
  }

  @Test func whatIsBehindThePartIsNotOfIt() throws {
    let whole = try Whole()
    let part = MemoryPart(whole, regions: [whole.regions[0]])
    var bytes = [UInt8](repeating: 0, count: 0x4000)
    var span = bytes.mutableSpan
    var buffer = span.mutableBytes
    #expect(try part.read(at: Address(0x1000), into: &buffer) == [MemoryRun(.bytes, 0x800), MemoryRun(.absent, 0x800)])
    #expect(try part.read(at: Address(0x1900), into: &buffer) == [MemoryRun(.bytes, 0x700)])
    #expect(try part.read(at: Address(0x2000), into: &buffer) == [])
  }
}
