internal import Synchronization

/// The memory of variables that start as zeros (.bss), which follows the mappings of a program or library without a name.
///
/// Safe to use from several threads.
final class ModuleVariables: Sendable {
  /// A file, whose modules all end so many bytes behind where they begin.
  private struct File: Hashable {
    var device: UInt64
    var inode: UInt64
    var path: [UInt8]
  }

  private let lengths = Mutex<[File: UInt64?]>([:])

  /// The ranges of such variables in a map.
  func ranges(
    in regions: [MemoryRegion], heap: [Range<Address>], process: TargetProcess?, source: (any MemorySource)?
  ) -> [Range<Address>] {
    let modules = Module.all(in: regions, heap: heap) { module in
      let file = File(device: module.first.deviceNumber, inode: module.first.inode, path: module.path)
      if let known = lengths.withLock({ $0[file] }) { return known.map { module.start + $0 } }
      let end = source.flatMap { ModuleSymbols.end(of: module, process: process, source: $0) }
      // Without a source nothing is known, which another one may tell.
      if source != nil { lengths.withLock { $0[file] = .some(end.map { $0 - module.start }) } }
      return end
    }
    return modules.flatMap(\.variables).filter { range in
      regions.index(holding: range.lowerBound).map { regions[$0].kind == .anonymous } ?? false
    }
  }
}
