/// The blocks that threads have given back to a full page of another thread in mimalloc 2: they hang on a list of that thread's
/// heap (`thread_delayed_free`), and the page counts them as in use.
enum MimallocDelayed {
  /// The places of the list in a heap (`mi_heap_t`): right before the number of the thread.
  private static let places: [UInt64] = [8, 2840]

  /// The blocks, in order.
  static func blocks(of heap: MimallocHeap, _ words: inout WordCache) throws(MemDumpError) -> [UInt64] {
    var found: Set<UInt64> = []
    let table = heap.table
    for owner in Set(heap.pages.map(\.heap)) where owner != 0 && owner & 7 == 0 {
      for place in places {
        guard let thread = try words.word(at: Address(owner) + (place + 8)), thread != 0, heap.threads.contains(thread),
          var block = try words.word(at: Address(owner) + place)
        else { continue }
        // A list that leads back into itself ends where it comes to what it had.
        while table.byteCount(at: Address(block)) != nil, found.insert(block).inserted,
          let next = try words.word(at: Address(block))
        {
          block = next
        }
        break
      }
    }
    return found.sorted()
  }
}
