/// A program or a library in memory: the mappings of its file, and the variables behind them that start as zeros.
struct Module: Hashable, Sendable {
  /// The path of the module, as the map gives it.
  var path: [UInt8]
  /// The first mapping of the module.
  var first: MemoryRegion
  /// The memory of the module's variables: the writable mappings of its file, and the anonymous memory right behind the
  /// last one (.bss), as far as the module's headers say that it is the module's: the kernel joins it with what comes
  /// behind it.
  var variables: [Range<Address>] = []

  /// The address where the module begins.
  var start: Address { first.range.lowerBound }
  /// The last part of the module's path.
  var fileName: [UInt8] { Array(first.fileName) }

  /// The modules of a map that have variables, in the order of their addresses.
  ///
  /// - Parameters:
  ///   - heap: the memory of the heap, which starts right behind a program's variables without randomisation.
  ///   - end: tells where the memory of a module ends by its headers; nil where they are not known, and then no anonymous
  ///     memory is taken for the module's.
  static func all(
    in regions: [MemoryRegion], heap: [Range<Address>], end: (Module) -> Address?
  ) -> [Module] {
    var modules: [Module] = []
    var last: MemoryRegion?
    for region in regions {
      if region.kind == .file, region.inode != 0, !region.permissions.contains(.shared) {
        // A file that begins once more is loaded once more.
        let isNew = modules.last?.path != region.name || (region.fileOffset == 0 && last?.fileOffset ?? 0 > 0)
        if isNew { modules.append(Module(path: region.name, first: region)) }
        if region.permissions.contains(.write) { modules[modules.count - 1].variables.append(region.range) }
      } else if let file = last, file.kind == .file, file.permissions.contains(.write), !modules.isEmpty,
        region.kind == .anonymous, region.isPrivateAnonymous, region.permissions.contains(.write),
        region.range.lowerBound == file.range.upperBound, !heap.contains(where: { $0.overlaps(region.range) }),
        let end = end(modules[modules.count - 1]), end > region.range.lowerBound
      {
        modules[modules.count - 1].variables.append(region.range.lowerBound..<min(end, region.range.upperBound))
      }
      last = region
    }
    return modules.filter { !$0.variables.isEmpty }
  }
}
