import MemDump

/// A map of every kind of region, with neighbours and gaps.
private let regions: [MemoryRegion] = {
  let map = """
    00400000-00500000 r-xp 00000000 fe:00 100 /usr/sbin/nginx
    01000000-01021000 rw-p 00000000 00:00 0 [heap]
    01021000-01100000 rw-p 00000000 00:00 0 [heap]
    7f0000000000-7f0000010000 rw-p 00000000 00:00 0
    7f0000020000-7f0000030000 r-xp 00000000 fe:00 200 /usr/lib/libssl.so.3
    7f0000030000-7f0000040000 rw-p 00010000 fe:00 200 /usr/lib/libssl.so.3
    7f0000080000-7f0000090000 rw-s 00000000 00:01 500 /memfd:ring (deleted)
    7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]
    ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
    """
  return (try? MapsParser.parse(Array(map.utf8))) ?? []
}()

/// A selector as a person writes it: written again it is the same, and what answers to it is mapped.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  do throws(MemDumpError) {
    let selector = try RegionSelector(parsing: text)
    let again = try RegionSelector(parsing: selector.description)
    precondition(again == selector)
    for range in try selector.ranges(in: regions) {
      precondition(!range.isEmpty && regions.contains { $0.range.overlaps(range) })
    }
    _ = try selector.range(in: regions)
  } catch {
    precondition(error.code == .badSelector && !error.description.isEmpty)
  }
  return 0
}
