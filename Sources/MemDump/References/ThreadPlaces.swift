/// The memory that threads use: their stacks from the stack pointer on, and their thread-local variables. Memory below
/// the stack pointer is left over from calls that are done.
struct ThreadPlaces: Sendable {
  /// The use of a stretch of memory by a thread.
  enum Use: Hashable, Sendable {
    case stack(ThreadID)
    case threadLocal(ThreadID)
    case leftOver
  }

  /// The memory of the threads with its use, in order, none twice.
  private(set) var places: [(range: Range<Address>, use: Use)] = []

  /// The most bytes that glibc's `struct pthread` takes from the thread pointer on, and how many bytes before that
  /// variables are looked for (the TLS of x86-64 is before the thread pointer).
  private static let (descriptorByteCount, localByteCount): (UInt64, UInt64) = (4096, 64 << 10)

  /// - Parameters:
  ///   - registers: the registers of every thread at one instant; none where it is not known what the stacks hold.
  ///   - regions: the map of that instant.
  ///   - others: the memory of variables of modules, of heaps and of stacks that these handed out, in order. A thread pointer
  ///     or a stack pointer that leads there, as those of Go do, says nothing of the rest of the mapping.
  init(_ registers: [ThreadRegisters], _ regions: [MemoryRegion], besides others: [Range<Address>] = []) {
    var all: [(range: Range<Address>, use: Use)] = []
    for thread in registers {
      guard let (stack, local) = Self.pointers(thread), let region = Self.region(stack, regions) else { continue }
      let isElsewhere = others.index(holding: stack) != nil
      // The C library puts a thread's variables at the end of the mapping of its stack; the main thread's are elsewhere.
      let localRange = local.flatMap { (local) -> Range<Address>? in
        if others.index(holding: local) != nil { return nil }
        return Self.region(local, regions).map { region in
          let least = region.contains(stack) && !isElsewhere ? stack : Address(0)
          let start = max(region.lowerBound, local - Self.localByteCount, least)
          return start..<max(start, min(region.upperBound, local + Self.descriptorByteCount))
        }
      }
      if isElsewhere {
        if let localRange { all.append((localRange, .threadLocal(thread.thread))) }
        continue
      }
      var end = region.upperBound
      if let localRange, region.contains(localRange.lowerBound), localRange.upperBound > stack {
        end = localRange.upperBound
      } else if let localRange, !localRange.isEmpty {
        all.append((localRange, .threadLocal(thread.thread)))
      }
      all.append((region.lowerBound..<stack, .leftOver))
      all.append((stack..<end, .stack(thread.thread)))
    }
    for place in all.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
    where !place.range.isEmpty && place.range.lowerBound >= places.last?.range.upperBound ?? Address(0) {
      places.append(place)
    }
  }

  /// The use of an address by a thread; nil for memory of no thread.
  func use(of address: Address) -> Use? {
    let index = places.partitionIndex { $0.range.upperBound > address }
    return index < places.count && places[index].range.contains(address) ? places[index].use : nil
  }

  private static func region(_ address: Address, _ regions: [MemoryRegion]) -> Range<Address>? {
    guard let index = regions.index(holding: address), regions[index].permissions.contains(.write) else { return nil }
    return regions[index].range
  }

  /// The stack pointer, and the thread pointer where the general registers hold it (fs_base of x86-64).
  private static func pointers(_ thread: ThreadRegisters) -> (stack: Address, local: Address?)? {
    guard let stack = thread.stackPointer, let general = thread.notes.first(where: { $0.type == 1 })?.bytes else {
      return nil
    }
    let local = general.count == 27 * 8 ? general.load(UInt64.self, at: 21 * 8) : nil
    return (stack, local.map { Address($0) })
  }
}
