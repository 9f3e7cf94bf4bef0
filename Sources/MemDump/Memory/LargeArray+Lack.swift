import SystemPackage

extension LargeArray {
  /// Room for so many elements.
  static func ofOurs(_ capacity: Int) throws(MemDumpError) -> LargeArray {
    do throws(Errno) { return try LargeArray(capacity: capacity) } catch { throw lack(of: capacity) }
  }

  /// So many equal elements.
  static func ofOurs(_ count: Int, repeating element: Element) throws(MemDumpError) -> LargeArray {
    do throws(Errno) { return try LargeArray(repeating: element, count: count) } catch { throw lack(of: count) }
  }

  private static func lack(of count: Int) -> MemDumpError {
    MemDumpError(.workMemory(needed: UInt64(clamping: count) &* UInt64(MemoryLayout<Element>.stride)))
  }
}
