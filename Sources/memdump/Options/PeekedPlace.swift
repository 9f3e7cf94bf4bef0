import ArgumentParser
import MemDump

/// A place to look at, as it is written: an address, with `+` and a length behind it or without.
struct PeekedPlace: ExpressibleByArgument {
  /// The address.
  let start: Address
  /// The number of bytes; nil where none was given.
  let byteCount: UInt64?

  init?(argument: String) {
    let parts = argument.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    guard let start = Address(argument: String(parts[0])) else { return nil }
    self.start = start
    guard parts.count > 1 else {
      byteCount = nil
      return
    }
    let length = Address(argument: String(parts[1]))?.rawValue ?? ByteSize(parsing: String(parts[1]))?.byteCount
    guard let length, (1...PeekedBytes.most).contains(length) else { return nil }
    byteCount = length
  }
}
