import SystemPackage

/// The pages of a process that are resident or swapped, asked of the kernel without touching a page.
///
/// By PAGEMAP_SCAN where the kernel has that (Linux 6.7), by the entries of /proc/PID/pagemap where not; see
/// Documentation/admin-guide/mm/pagemap.rst.
final class PageMap: Sendable {
  private let file: Descriptor
  /// Whether the kernel knows PAGEMAP_SCAN.
  let canScan: Bool
  /// Of a range of no more bytes, the entries take no longer than the question which of them there are.
  private static let longestUnscanned: UInt64 = 1 << 20

  /// - Parameter allowsScan: false to go by the entries even where the kernel knows PAGEMAP_SCAN.
  init(_ process: ProcessID, allowsScan: Bool = true) throws(Errno) {
    file = try Descriptor(opening: ProcFS.path(process, .pagemap))
    canScan = allowsScan && (try? Syscall.scanPages(file.file, Address(0)..<Address(0), limit: 1)) != nil
  }

  /// The runs of resident and swapped pages inside `range`, in order, up to where `limit` pages or more were found, and
  /// the address where that is. The shared zero page counts as neither.
  func runs(in range: Range<Address>, limit: UInt64 = .max) throws(Errno) -> (runs: [PageRun], end: Address) {
    // The kernel's half, where [vsyscall] is: a scan of it is EFAULT, and no page table of the process has it.
    guard range.upperBound.rawValue >> 63 == 0 else { return ([], range.upperBound) }
    var runs: [PageRun] = []
    var next = range.lowerBound
    var left = limit
    while next < range.upperBound, left > 0 {
      let (found, end) =
        canScan
        ? try Syscall.scanPages(file.file, next..<range.upperBound, limit: left)
        : try presentRuns(next..<range.upperBound, limit: left)
      for run in found {
        if limit != .max { left -= min(left, run.range.byteCount / pageSize) }
        runs.join(run)
      }
      guard end > next else { return (runs, range.upperBound) }
      next = end
    }
    return (runs, next)
  }

  /// The address of the first page inside `range` that is resident or swapped; nil without such a page.
  func first(in range: Range<Address>) throws(Errno) -> Address? {
    guard range.upperBound.rawValue >> 63 == 0 else { return nil }
    if canScan {
      return try Syscall.scanPages(file.file, range, limit: 1).runs.first?.range.lowerBound
    }
    var next = range.lowerBound
    while next < range.upperBound {
      let (found, end) = try presentRuns(next..<range.upperBound)
      if let run = found.first { return run.range.lowerBound }
      guard end > next else { return nil }
      next = end
    }
    return nil
  }

  /// The ranges of resident pages inside `range` that other processes have, too.
  func sharedPages(in range: Range<Address>) throws(Errno) -> [Range<Address>] {
    var shared: [Range<Address>] = []
    // By what is there, where the range is long: of a process that has reserved terabytes the entries alone are gigabytes.
    let scans = canScan && range.byteCount > Self.longestUnscanned
    for run in scans ? try runs(in: range).runs : [PageRun(range: range, content: .resident)] {
      var next = run.range.lowerBound
      while next < run.range.upperBound {
        let (entries, end) = try entries(next..<run.range.upperBound)
        for (index, entry) in entries.enumerated() where entry >> 63 != 0 && entry >> 56 & 1 == 0 {
          let start = next + UInt64(index) * pageSize
          shared.join(start..<(start + pageSize))
        }
        next = end
      }
    }
    return shared
  }

  private func presentRuns(
    _ range: Range<Address>, limit: UInt64 = .max
  ) throws(Errno) -> (runs: [PageRun], next: Address) {
    // Where few pages are wanted, they may be near, or not.
    let (entries, next) = try entries(range, atMost: max(4096, limit))
    var runs: [PageRun] = []
    for (index, entry) in entries.enumerated() where entry >> 62 != 0 {
      let start = range.lowerBound + UInt64(index) * pageSize
      runs.join(PageRun(range: start..<(start + pageSize), content: entry >> 63 == 0 ? .swapped : .resident))
    }
    return (runs, next)
  }

  /// Reads the entries of up to 64 Ki pages, eight bytes each: bit 63 says resident, bit 62 swapped, bit 56 that no
  /// other process has the page.
  private func entries(
    _ range: Range<Address>, atMost limit: UInt64 = .max
  ) throws(Errno) -> (entries: [UInt64], next: Address) {
    let pageCount = min((range.byteCount + pageSize - 1) / pageSize, limit, 65536)
    var entries = [UInt64](repeating: 0, count: Int(pageCount))
    var span = entries.mutableSpan
    var bytes = unsafe span.mutableBytes
    let offset = range.lowerBound.rawValue / pageSize * 8
    let count = try Syscall.read(file.file, at: offset, into: &bytes) / 8
    // A short read means that the address space ends here.
    let next = count < entries.count ? range.upperBound : range.lowerBound + pageCount * pageSize
    entries.removeLast(entries.count - count)
    return (entries, next)
  }
}
