/// By how much the memory of a heap may grow while no more of it is in use, which is no growth of what the program keeps.
struct HeapSlack {
  /// The growth of the break area that is told of in any case: twice what glibc's malloc extends it by at once, 128 KiB
  /// (M_TOP_PAD) in pages, and what was asked for.
  static let leastBreakGrowth: UInt64 = 2 * 132 << 10
  /// The size up to which Go lets any heap grow before the first collection (`heapminimum` of the runtime); LuaJIT maps memory by
  /// 128 KiB and more.
  static let leastCycle: UInt64 = 4 << 20

  /// How Go's runtime names its mappings from 1.25 on, where the kernel has such names (PR_SET_VMA_ANON_NAME in prctl(2)).
  private static let goName = Array("[anon: Go:".utf8)

  /// Whether no more is in use.
  private let isEven: Bool
  /// What a program may take anew until a collector has run, in bytes; 0 without one. Those of Go and
  /// LuaJIT do once the heap has doubled, unless GOGC or `setpause` says otherwise.
  private let cycle: UInt64

  /// The slack of the heaps of a process.
  ///
  /// - Parameters:
  ///   - used: the bytes in use now; nil where no heap is walked, so that all of it may be in use.
  ///   - before: those before.
  ///   - collected: those before that a collector takes back when it runs; nil where none does.
  init(used: UInt64?, before: UInt64?, collected: UInt64?) {
    if let used, let before {
      isEven = used < before &+ MemoryProfile.standardMinimum(before)
    } else {
      isEven = false
    }
    cycle = collected.map { max(Self.leastCycle, $0) } ?? 0
  }

  /// Whether the growth of some memory is no more than that.
  func explains(_ row: Growth) -> Bool {
    let memory: Growth.Memory
    switch row.subject {
    case .resident(let resident): memory = resident
    // How much malloc has mapped is told in any case.
    case .mapped(.anonymous): memory = .anonymous
    default: return false
    }
    guard isEven else { return false }
    return switch memory {
    case .named(let name) where name.starts(with: Self.goName): row.byteCount < cycle
    case .named(let name): name == Array("[heap]".utf8) && row.byteCount < Self.leastBreakGrowth
    case .anonymous: row.byteCount < cycle
    case .shared: false
    }
  }
}
