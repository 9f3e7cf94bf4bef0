/// A function by which programs get memory, of those that return the block.
enum AllocationFunction: String, CaseIterable {
  case malloc, calloc, realloc, memalign
  case alignedAlloc = "aligned_alloc"
  /// operator new and operator new[] of C++.
  case new = "_Znwm"
  case newArray = "_Znam"
  /// The function of Go's runtime that all objects of its heap come from.
  case goMalloc = "runtime.mallocgc"

  /// How people call it.
  var title: String {
    switch self {
    case .new: "operator new"
    case .newArray: "operator new[]"
    default: rawValue
    }
  }

  /// Whether a collector takes back what the function hands out, and no call does.
  var isCollected: Bool { self == .goMalloc }

  /// The bytes that a call asks for, by what a thread has in its registers as it comes to the function.
  func byteCount(_ sample: PerfSample) -> UInt64? {
    let arguments = sample.arguments
    guard arguments.count == 3 else { return nil }
    return switch self {
    case .malloc, .new, .newArray: arguments[0]
    case .calloc: arguments[0].multipliedReportingOverflow(by: arguments[1]).partialValue
    case .realloc, .memalign, .alignedAlloc: arguments[1]
    // Go's own calls begin with the register that others return with (ABIInternal).
    case .goMalloc: sample.returned
    }
  }
}

/// The functions of a module that hand out memory and take it back: those of one allocator, whichever it is.
struct AllocatorFunctions {
  /// Functions that take a block back: free, operator delete and operator delete[] of C++, with a size and without.
  private static let releases: Set<[UInt8]> = Set(
    ["free", "_ZdlPv", "_ZdaPv", "_ZdlPvm", "_ZdaPvm"].map { Array($0.utf8) })
  private static let names = releases.union(AllocationFunction.allCases.map { Array($0.rawValue.utf8) })

  /// The last part of the module's path.
  let module: [UInt8]
  /// Where the code of each function is.
  private(set) var functions: [AllocationFunction: Range<Address>] = [:]
  /// Where the functions begin that take blocks back, free(3) first; none where a collector does.
  private(set) var releases: [Address] = []

  /// Finds the allocators of a process: the modules that have malloc and free in a table of symbols.
  static func all(in source: any MemorySource, process: TargetProcess) -> [AllocatorFunctions] {
    let allowance = SymbolAllowance()
    return Module.all(in: source.regions, heap: []) { _ in nil }.compactMap { module in
      let symbols = ModuleSymbols(.functions, of: module, process: process, source: source, allowance)
      return AllocatorFunctions(module.fileName, symbols.symbols(named: names), in: source.regions)
    }
  }

  /// The functions of a Go program; nil where it has none of that name.
  init?(_ frames: GoFrames) throws(MemDumpError) {
    let function = AllocationFunction.goMalloc
    guard let code = try frames.code(of: Array(function.rawValue.utf8)) else { return nil }
    (module, functions) = (frames.module, [function: code])
  }

  /// - Parameters:
  ///   - module: the last part of the module's path.
  ///   - symbols: its functions of the names asked for.
  ///   - regions: the map; what does not lie in code is no function.
  init?(_ module: [UInt8], _ symbols: [(name: [UInt8], range: Range<Address>)], in regions: [MemoryRegion]) {
    self.module = module
    var free: Address?
    var others: [Address] = []
    for (name, range) in symbols {
      guard let index = regions.index(holding: range.lowerBound), regions[index].permissions.contains(.execute) else {
        continue
      }
      if let function = AllocationFunction(rawValue: String(decoding: name, as: UTF8.self)) {
        functions[function] = range
      } else if name.elementsEqual("free".utf8) {
        free = range.lowerBound
      } else if !others.contains(range.lowerBound) {
        others.append(range.lowerBound)
      }
    }
    guard functions[.malloc] != nil, let free else { return nil }
    releases = [free] + others.filter { $0 != free }
  }
}
