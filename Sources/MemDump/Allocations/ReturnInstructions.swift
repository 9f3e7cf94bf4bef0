/// The instructions by which a function returns, found by its call frame information.
enum ReturnInstructions {
  /// The largest function that is looked through, in bytes.
  private static let largest: UInt64 = 1 << 14
  /// The instruction RET, without a prefix.
  private static let instruction: UInt8 = 0xc3

  /// The addresses in the code of a function where its frame is taken down but for the return address, and where the byte is
  /// that of RET. One of them that lies inside of another instruction does no harm: nothing ever comes to it.
  ///
  /// - Parameters:
  ///   - function: where its code is.
  ///   - source: the memory.
  ///   - frames: the call frame information.
  static func addresses(
    of function: Range<Address>, in source: any MemorySource, _ frames: inout ModuleFrames
  ) throws(MemDumpError) -> [Address] {
    guard function.byteCount <= largest else { return [] }
    var words = try WordCache(source, .jumps)
    let code = try words.bytes(at: function.lowerBound, count: Int(function.byteCount))
    var found: [Address] = []
    for (offset, byte) in code.enumerated() where byte == instruction {
      let address = function.lowerBound + UInt64(offset)
      if isBare(frames.row(at: address)?.row) { found.append(address) }
    }
    return found
  }

  /// Whether the stack pointer is at the return address.
  private static func isBare(_ row: FrameRow?) -> Bool {
    guard case .register(ProcessorRegisters.stackPointer, offset: 8)? = row?.frameAddress else { return false }
    return true
  }
}
