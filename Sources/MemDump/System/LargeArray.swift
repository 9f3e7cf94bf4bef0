import SystemPackage

/// An array of plain values that is looked up in no order, as one with a value for each block of a heap.
///
/// Its memory is of our own, and what is not used takes none. So there may be room for far more than comes, and none of it is
/// ever copied to where there is more.
@safe struct LargeArray<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  private let start: UnsafeMutablePointer<Element>
  private let byteCount: Int
  /// The most elements that there is room for.
  let capacity: Int
  /// The number of elements.
  private(set) var count = 0

  /// Makes an empty array. Throws ENOMEM without that much memory.
  init(capacity: Int) throws(Errno) {
    let room = max(1, capacity)
    let (bytes, isTooMuch) = room.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !isTooMuch, bytes < 1 << 47 else { throw .noMemory }
    let memory = unsafe try Syscall.reserveMemory(byteCount: bytes, aligned: Int(pageSize), at: 0)
    unsafe start = memory.bindMemory(to: Element.self, capacity: room)
    (byteCount, self.capacity) = (bytes, max(0, capacity))
  }

  /// Makes an array of equal elements. Throws ENOMEM without that much memory.
  init(repeating element: Element, count: Int) throws(Errno) {
    try self.init(capacity: count)
    unsafe start.initialize(repeating: element, count: capacity)
    self.count = capacity
  }

  deinit { unsafe Syscall.unmapMemory(UnsafeMutableRawPointer(start), byteCount: byteCount) }

  var indices: Range<Int> { 0..<count }

  subscript(_ index: Int) -> Element {
    @inline(__always) get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      return unsafe start[index]
    }
    @inline(__always) _modify {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      yield unsafe &start[index]
    }
  }

  /// Adds an element, for which there has to be room.
  @inline(__always)
  mutating func append(_ element: Element) {
    precondition(count < capacity)
    unsafe start[count] = element
    count &+= 1
  }

  /// Removes the elements from an index on.
  mutating func removeAll(from index: Int) {
    precondition(index >= 0 && index <= count)
    count = index
  }

  /// Lends `body` the place of an element, which may be one that there is not.
  @inline(__always)
  func withPlace(of index: Int, _ body: (UnsafeRawPointer) -> Void) {
    guard UInt(bitPattern: index) < UInt(bitPattern: capacity) else { return }
    unsafe body(UnsafeRawPointer(start + index))
  }
}
