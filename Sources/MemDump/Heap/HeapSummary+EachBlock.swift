extension HeapSummary {
  /// Hands out every block in use, in the order of addresses, until `body` returns false.
  ///
  /// - Parameter source: the memory that was walked. Of memory that changed since, a block that is no longer one is left out.
  package func forEachBlock(
    in source: any MemorySource, _ body: (HeapBlock) throws(MemDumpError) -> Bool
  ) throws(MemDumpError) {
    var words = try WordCache(source)
    try blocks.forEach { (start) throws(MemDumpError) in
      guard let block = try layout.block(at: start, in: &words) else { return true }
      return try body(block)
    }
  }
}
