/// An address in the memory of a process.
public struct Address: RawRepresentable, Hashable, Comparable, Sendable {
  /// The address as a number, as the process itself counts.
  public var rawValue: UInt64

  /// Makes an address from a number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Makes an address from a number.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Reads an address written in hexadecimal with `0x` first, such as `0x7f00`; nil for any other text.
  public init?(parsing text: some StringProtocol) {
    guard text.hasPrefix("0x") else { return nil }
    self.init(hexadecimal: text.dropFirst(2))
  }

  /// Reads the digits of an address, without a prefix. Not `UInt64(_:radix:)` alone, which takes a sign too.
  init?(hexadecimal digits: some StringProtocol) {
    guard digits.allSatisfy({ $0.isHexDigit && $0.isASCII }), let number = UInt64(digits, radix: 16) else { return nil }
    self.init(number)
  }

  /// Orders by place in memory.
  public static func < (left: Address, right: Address) -> Bool { left.rawValue < right.rawValue }

  /// The address `byteCount` bytes higher; the highest address where that would pass the end of memory.
  public static func + (address: Address, byteCount: UInt64) -> Address {
    let (sum, overflow) = address.rawValue.addingReportingOverflow(byteCount)
    return Address(overflow ? .max : sum)
  }

  /// The address `byteCount` bytes lower; 0 where that would pass the start of memory.
  public static func - (address: Address, byteCount: UInt64) -> Address {
    Address(address.rawValue < byteCount ? 0 : address.rawValue - byteCount)
  }

  /// The number of bytes from an address to a later one; 0 where `end` is not later than `start`.
  public static func - (end: Address, start: Address) -> UInt64 {
    end.rawValue < start.rawValue ? 0 : end.rawValue - start.rawValue
  }

  /// The start of the page that holds the address.
  package var pageStart: Address { Address(rawValue & ~(pageSize - 1)) }

  /// The start of the first page at or after the address.
  package var pageEnd: Address { alignedUp(to: pageSize) }

  /// The first multiple of `alignment`, a power of 2, at or after this address; the last address there is where no multiple
  /// follows, so that whoever goes on from there comes to an end.
  func alignedUp(to alignment: UInt64) -> Address {
    let (sum, overflow) = rawValue.addingReportingOverflow(alignment - 1)
    return Address(overflow ? .max : sum & ~(alignment - 1))
  }
}

extension Address: CustomStringConvertible {
  /// The address in hexadecimal, `0x` first.
  public var description: String { "0x" + String(rawValue, radix: 16) }
}

extension Range where Bound == Address {
  /// The length of the range, in bytes.
  public var byteCount: UInt64 { upperBound - lowerBound }

  /// Makes the range of `byteCount` bytes from an address on.
  public init(start: Address, byteCount: UInt64) { self = start..<(start + byteCount) }
}
