import SystemPackage

/// The memory of a live process, read without stopping the process and without changing its footprint.
///
/// Pages that are not resident are not touched: an untouched page of private memory is ``MemoryRun/Content/absent``, an
/// untouched page of a file or of shared memory is read from the mapped file, and a swapped page stays swapped. The
/// rest is read by process_vm_readv(2), and by /proc/PID/mem in mappings that the process itself may not read.
///
/// Pages that a fork has left to several processes are read through /proc/PID/mem, too: process_vm_readv pins what it
/// reads, and since Linux 5.19 the kernel gives the process a copy of its own of such a page first
/// (FAULT_FLAG_UNSHARE), so that reading a worker would take as much memory as the worker shares with its master.
public final class LiveMemory: MemorySource {
  /// The process.
  public let target: TargetProcess
  /// The memory map by which the source reads.
  public let regions: [MemoryRegion]
  /// True: a process has addresses.
  public var hasAddresses: Bool { true }

  /// Where the mappings end that touch each one and are read alike: a process may have tens of thousands of a page each.
  private let ends: [Address]
  private let files: MappedFiles
  private let pageMap: PageMap
  private let usesCall: Bool
  /// The ranges of private pages that other processes have, too, in order.
  private let sharedPages: [Range<Address>]
  /// Whether the map does not tell where such pages are, so that each page is looked at before it is read.
  private let asksForSharing: Bool
  let readsSwap: Bool

  /// Prepares to read the memory of a process. Throws ``MemDumpError/Code/accessDenied`` where we may not.
  ///
  /// - Parameters:
  ///   - target: the process to read.
  ///   - regions: the map to go by; nil to read it now, with usage.
  ///   - readsSwap: whether swapped pages are read too, which brings them back into the memory of the process.
  public convenience init(
    _ target: TargetProcess, regions: [MemoryRegion]? = nil, readsSwap: Bool = false
  ) throws(MemDumpError) {
    try self.init(target, regions: regions, readsSwap: readsSwap, sharesAll: false)
  }

  /// - Parameter sharesAll: whether other processes have all pages of the target, too.
  init(
    _ target: TargetProcess, regions: [MemoryRegion]?, readsSwap: Bool, sharesAll: Bool
  ) throws(MemDumpError) {
    if let problem = Access.problem(target) { throw MemDumpError(.access(target.label, problem)) }
    self.target = target
    self.readsSwap = readsSwap
    files = MappedFiles()
    usesCall = Syscall.readingError(target.livingThread) == nil && !(sharesAll && target.memoryFile != nil)
    let known = if let regions { regions } else { try target.regions(usage: true) }
    (self.regions, ends) = (known, Self.ends(known))
    do throws(Errno) {
      let pageMap = try PageMap(target.livingThread)
      self.pageMap = pageMap
      var shared: [Range<Address>] = []
      for region in known where usesCall && region.usage != nil && region.sharesPages {
        shared += try pageMap.sharedPages(in: region.range)
      }
      sharedPages = shared
      asksForSharing = known.contains { $0.usage == nil && $0.sharesPages }
    } catch { throw target.gone(error, .pagemap) }
  }

  /// Makes a source of the same process with a newer map.
  init(_ memory: LiveMemory, regions: [MemoryRegion]) {
    (target, files, pageMap, usesCall) = (memory.target, memory.files, memory.pageMap, memory.usesCall)
    (readsSwap, sharedPages, asksForSharing) = (memory.readsSwap, memory.sharedPages, memory.asksForSharing)
    (self.regions, ends) = (regions, Self.ends(regions))
  }

  /// Where mappings end that touch and are read alike, from one on, but not far behind the one that an address lies in: to look
  /// beyond what is asked for takes the kernel a step for each mapping.
  private func end(ofThoseAlike index: Int, around last: Address) -> Address {
    let end = ends[index]
    guard last < end, let other = regions.index(holding: last) else { return end }
    return min(end, regions[min(other + Self.lookAhead, regions.count - 1)].range.upperBound)
  }

  /// How many mappings are looked at behind those that are asked for.
  private static let lookAhead = 16

  private static func ends(_ regions: [MemoryRegion]) -> [Address] {
    var ends = regions.map(\.range.upperBound)
    let areAlike = regions.map { $0.isPrivateAnonymous && !$0.isDevice }
    for index in regions.indices.dropLast().reversed()
    where areAlike[index] && areAlike[index + 1] && ends[index] == regions[index + 1].range.lowerBound {
      ends[index] = ends[index + 1]
    }
    return ends
  }

  /// Always nil: a process is no file.
  public func fileOffset(of address: Address) -> UInt64? { nil }

  /// See ``MemorySource/read(at:into:)``. Throws ``MemDumpError/Code/processEnded`` when the process is gone.
  public func read(at address: Address, into buffer: inout MutableRawSpan) throws(MemDumpError) -> [MemoryRun] {
    guard let index = regions.index(holding: address), buffer.byteCount > 0 else { return [] }
    let region = regions[index]
    if region.isDevice { return [MemoryRun(.unread(.device), region.range.upperBound - address)] }
    let limit = Range(start: address, byteCount: UInt64(buffer.byteCount)).upperBound
    let rest = address..<end(ofThoseAlike: index, around: limit - 1)
    let window = address..<min(limit, rest.upperBound)
    do throws(Errno) {
      let present = try pages(in: window.lowerBound.pageStart..<window.upperBound.pageEnd)
      if present.isEmpty {
        let next = try pageMap.first(in: window.upperBound.pageEnd..<max(window.upperBound.pageEnd, rest.upperBound))
        return missing(window, upTo: next ?? rest.upperBound, of: region, into: &buffer)
      }
      return try read(window, of: region, present: present, into: &buffer)
    } catch { throw failure(error) }
  }

  /// The runs of resident and swapped pages inside `range`, in order; all count as resident if swapped pages are read.
  func pages(in range: Range<Address>) throws(Errno) -> [PageRun] { try pages(in: range, limit: .max).runs }

  /// The same runs up to where `limit` pages or more were found, and the address where that is.
  private func pages(
    in range: Range<Address>, limit: UInt64
  ) throws(Errno) -> (runs: [PageRun], end: Address) {
    let (runs, end) = try pageMap.runs(in: range, limit: limit)
    return (readsSwap ? runs.map { PageRun(range: $0.range, content: .resident) } : runs, end)
  }

  func failure(_ error: Errno) -> MemDumpError {
    switch error {
    case .noSuchProcess, .noSuchFileOrDirectory: target.end
    case .notPermitted, .permissionDenied: MemDumpError(.access(target.label, Access.diagnose(target)))
    default: MemDumpError(.file(target.path(.mem), .read, error))
    }
  }

  /// Reads a window of one region, some pages of which are resident or swapped.
  private func read(
    _ window: Range<Address>, of region: MemoryRegion, present: [PageRun], into buffer: inout MutableRawSpan
  ) throws(Errno) -> [MemoryRun] {
    let stretches = present.parts(of: window, otherwise: .missing)
    let transfers = stretches.filter { $0.content == .resident }.map {
      Syscall.Transfer(
        address: $0.range.lowerBound, offset: Int($0.range.lowerBound - window.lowerBound),
        byteCount: Int($0.range.byteCount))
    }
    var copied = try copy(transfers, into: &buffer)[...]
    var runs: [MemoryRun] = []
    for stretch in stretches {
      let offset = Int(stretch.range.lowerBound - window.lowerBound)
      switch stretch.content {
      case .resident:
        copied.take(stretch.range) { runs.add($0.content, $0.range.byteCount) }
      case .swapped:
        runs.add(.unread(.swapped), stretch.range.byteCount)
      case .missing:
        let found = buffer.withPart(offset..<offset + Int(stretch.range.byteCount)) { part in
          missing(stretch.range, upTo: stretch.range.upperBound, of: region, into: &part)
        }
        for run in found { runs.add(run.content, run.byteCount) }
      }
    }
    return runs
  }

  /// The runs of `range`, where the process has touched no page up to `limit`.
  func missing(
    _ range: Range<Address>, upTo limit: Address, of region: MemoryRegion, into buffer: inout MutableRawSpan
  ) -> [MemoryRun] {
    buffer.withPart(0..<Int(range.byteCount)) { part in
      guard region.isPrivateAnonymous else {
        if VirtualSharedObject.read(range, of: region, into: &part) { return [MemoryRun(.bytes, range.byteCount)] }
        return MappedFile.read(range, upTo: limit, of: region, in: target, kept: files, into: &part)
      }
      part.clear(0..<part.byteCount)
      return [MemoryRun(.absent, limit - range.lowerBound)]
    }
  }

  /// What the pages of a range are, from its start on, up to where more than `byteCount` bytes of them are in memory.
  func stretches(of range: Range<Address>, atMost byteCount: Int) throws(MemDumpError) -> [PageRun] {
    do throws(Errno) {
      // One page more, since the first may be wanted in part only.
      let (found, end) = try pages(
        in: range.lowerBound.pageStart..<range.upperBound.pageEnd, limit: UInt64(byteCount) / pageSize + 1)
      return found.parts(of: range.lowerBound..<min(end, range.upperBound), otherwise: .missing)
    } catch { throw failure(error) }
  }

  /// Copies stretches that are present, many with one call. The runs answer for every byte of them, in order, and none
  /// spans two stretches.
  func copy(
    _ transfers: [Syscall.Transfer], into buffer: inout MutableRawSpan
  ) throws(Errno) -> [MemoryRun] {
    guard usesCall, asksForSharing || !sharedPages.isEmpty, target.memoryFile != nil else {
      return try copy(transfers[...], usesCall: usesCall, into: &buffer)
    }
    var runs: [MemoryRun] = []
    var alike: [Syscall.Transfer] = []
    var areShared = false
    for transfer in transfers {
      for (part, isShared) in try parts(of: transfer) {
        if isShared != areShared {
          runs += try copy(alike[...], usesCall: !areShared, into: &buffer)
          (alike, areShared) = ([], isShared)
        }
        alike.append(part)
      }
    }
    return runs + (try copy(alike[...], usesCall: !areShared, into: &buffer))
  }

  /// A transfer cut where pages that other processes have, too, begin and end.
  private func parts(
    of transfer: Syscall.Transfer
  ) throws(Errno) -> [(Syscall.Transfer, isShared: Bool)] {
    var parts: [(Syscall.Transfer, isShared: Bool)] = []
    let end = transfer.address + UInt64(transfer.byteCount)
    var reached = transfer.address
    func add(upTo next: Address, isShared: Bool) {
      guard reached < next else { return }
      let offset = transfer.offset + Int(reached - transfer.address)
      parts.append((.init(address: reached, offset: offset, byteCount: Int(next - reached)), isShared))
      reached = next
    }
    let shared =
      asksForSharing
      ? try pageMap.sharedPages(in: reached.pageStart..<end.pageEnd)[...]
      : sharedPages[sharedPages.partitionIndex { $0.upperBound > reached }...]
    for range in shared {
      guard range.lowerBound < end else { break }
      add(upTo: max(reached, range.lowerBound), isShared: false)
      add(upTo: min(end, range.upperBound), isShared: true)
    }
    add(upTo: end, isShared: false)
    return parts
  }

  private func copy(
    _ transfers: ArraySlice<Syscall.Transfer>, usesCall: Bool, into buffer: inout MutableRawSpan
  ) throws(Errno) -> [MemoryRun] {
    var runs: [MemoryRun] = []
    var pending = transfers
    while let first = pending.first {
      var count = 0
      var cause = Errno.badAddress
      if usesCall {
        do throws(Errno) {
          count = try target.asking { (thread) throws(Errno) in try Syscall.read(thread, pending, into: &buffer) }
        } catch {
          // EFAULT: the very first page cannot be read. ESRCH and EPERM: nothing can.
          guard error == .badAddress else { throw error }
        }
      }
      if count == 0 {
        // One page that the call cannot read: write-only, or PROT_NONE, or truly unreadable, or gone meanwhile.
        let pageEnd = (first.address + 1).pageEnd
        let length = usesCall ? min(first.byteCount, Int(pageEnd - first.address)) : first.byteCount
        do throws(Errno) {
          guard let file = target.memoryFile else { throw cause }
          count = try buffer.withPart(first.offset..<first.offset + length) {
            (part: inout MutableRawSpan) throws(Errno) in
            try Syscall.read(file, at: first.address.rawValue, into: &part)
          }
          if count == 0 { throw .noSuchProcess }
        } catch {
          if error == .noSuchProcess { throw error }
          cause = error == .ioError ? .badAddress : error
        }
        let unread = count == 0 ? min(length, Int(pageEnd - first.address)) : 0
        if unread > 0 { runs.append(MemoryRun(.unread(.failed(cause)), UInt64(unread))) }
        if count > 0 { runs.append(MemoryRun(.bytes, UInt64(count))) }
        Self.advance(&pending, by: count + unread)
      } else {
        Self.take(count, from: &pending, into: &runs)
      }
    }
    return runs
  }

  /// Moves past `count` bytes that were read, with a run for each transfer that the bytes are of.
  private static func take(
    _ count: Int, from pending: inout ArraySlice<Syscall.Transfer>, into runs: inout [MemoryRun]
  ) {
    var left = count
    while left > 0, let first = pending.first {
      let part = min(left, first.byteCount)
      runs.append(MemoryRun(.bytes, UInt64(part)))
      advance(&pending, by: part)
      left -= part
    }
  }

  private static func advance(_ pending: inout ArraySlice<Syscall.Transfer>, by count: Int) {
    guard let first = pending.first else { return }
    if count >= first.byteCount {
      pending.removeFirst()
    } else {
      pending[pending.startIndex] = Syscall.Transfer(
        address: first.address + UInt64(count), offset: first.offset + count, byteCount: first.byteCount - count)
    }
  }
}
