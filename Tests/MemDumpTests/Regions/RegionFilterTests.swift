import Testing

@testable import MemDump

@Suite struct RegionFilterTests {
  private static let map = """
    00400000-00500000 r-xp 00000000 fe:00 100 /usr/sbin/nginx
    00500000-00510000 rw-p 00100000 fe:00 100 /usr/sbin/nginx
    01000000-01021000 rw-p 00000000 00:00 0 [heap]
    7f0000080000-7f0000090000 rw-s 00000000 00:01 500 /memfd:ring (deleted)

    """

  private static func numbers(_ change: (inout RegionFilter) -> Void) throws -> [Int] {
    var filter = RegionFilter()
    change(&filter)
    return try MapsParser.parse(Array(map.utf8)).filter(filter.includes).map(\.number)
  }

  @Test func itChoosesBySizeKindAndPermissions() throws {
    #expect(try Self.numbers { _ in } == [1, 2, 3, 4])
    #expect(try Self.numbers { $0.minimumByteCount = 0x21000 } == [1, 3])
    #expect(try Self.numbers { $0.kinds = [.heap, .shared] } == [3, 4])
    #expect(try Self.numbers { $0.permissions = "rw" } == [2, 3, 4])
    #expect(try Self.numbers { $0.permissions = "rw-p" } == [2, 3])
    #expect(try Self.numbers { ($0.permissions, $0.kinds) = ("w", [.file]) } == [2])
  }

  @Test func ofRangesItTakesTheParts() throws {
    let regions = try MapsParser.parse(Array(Self.map.utf8))
    var filter = RegionFilter()
    let range: [Range<Address>] = [Range(0x480000, 0x1001000)]
    #expect(filter.ranges(of: range, in: regions) == range)
    filter.permissions = "w"
    #expect(filter.ranges(of: range, in: regions) == [Range(0x500000, 0x510000), Range(0x1000000, 0x1001000)])
    filter.kinds = [.stack]
    let error = #expect(throws: MemDumpError.self) { try filter.selection(of: range, in: regions, of: nil) }
    #expect(error?.description.hasPrefix("there is no region '--kind stack --perm w'.") == true)
  }
}
