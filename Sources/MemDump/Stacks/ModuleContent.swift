import SystemPackage

/// The bytes of a module by their address from the load bias on: of its file, or of memory where there is no file that fits,
/// as for the vDSO.
final class ModuleContent {
  /// The headers of the module.
  let object: ELFObject
  /// What is added to an address of the file to have that in memory.
  let bias: UInt64
  private let file: ObjectFile?
  private let source: any MemorySource
  private let store: BlockStore
  private let owner: Int

  /// The size of a block that is read at once.
  private static let blockByteCount: UInt64 = 1 << 15

  /// Opens the module that a region of code belongs to; nil where its headers cannot be read. Its blocks are kept in a store.
  init?(
    of region: MemoryRegion, _ source: any MemorySource, _ process: TargetProcess?, _ allowance: SymbolAllowance,
    _ store: BlockStore
  ) {
    let first = source.regions.last {
      $0.name == region.name && $0.fileOffset == 0 && $0.range.lowerBound <= region.range.lowerBound
    }
    let module = Module(path: region.name, first: first ?? region)
    let isFile = region.kind == .file && region.inode != 0
    var file = isFile ? ModuleSymbols.open(module, process, allowance) : nil
    let memory = process == nil || !isFile ? ModuleSymbols.inMemory(module, source) : nil
    if let expected = memory?.buildID, let found = file?.object.buildID, expected != found { file = nil }
    guard let object = file?.object ?? memory, let address = object.address(ofFileOffset: region.fileOffset) else {
      return nil
    }
    (self.object, self.file, self.source) = (object, file, source)
    (self.store, owner) = (store, store.newOwner())
    bias = region.range.lowerBound.rawValue &- address
  }

  /// The bytes from an address on, from the load bias on, as many as there are.
  func bytes(at address: UInt64, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let place = address &+ UInt64(bytes.count)
      let block = block(place / Self.blockByteCount)
      let offset = Int(place % Self.blockByteCount)
      guard offset < block.count else { break }
      bytes += block[offset...].prefix(count - bytes.count)
      if block.count < Int(Self.blockByteCount) { break }
    }
    return bytes
  }

  private func block(_ number: UInt64) -> [UInt8] {
    store.block(number, of: owner) {
      let start = number * Self.blockByteCount
      return file?.bytes(atAddress: start, count: Self.blockByteCount) ?? inMemory(start)
    }
  }

  private func inMemory(_ start: UInt64) -> [UInt8] {
    guard var words = try? WordCache(source, .jumps) else { return [] }
    return (try? words.bytes(at: Address(start &+ bias), count: Int(Self.blockByteCount))) ?? []
  }
}
