/// The pointers of call frame information (Linux Standard Base, 10.5).
extension NumberReader {
  /// A pointer in an encoding (DW_EH_PE_…), from the load bias on; nil where it is in another one, or leads through memory.
  ///
  /// - Parameter base: the address that pointers relative to data (DW_EH_PE_datarel) are relative to.
  mutating func pointer(_ encoding: UInt8, base: UInt64 = 0) -> UInt64? {
    let place = address
    let value: UInt64?
    switch encoding & 0x0f {
    case 0x00, 0x04, 0x0c: value = number(UInt64.self)
    case 0x01: value = unsigned()
    case 0x02: value = number(UInt16.self).map { UInt64($0) }
    case 0x03: value = number(UInt32.self).map { UInt64($0) }
    case 0x09: value = signed().map { UInt64(bitPattern: $0) }
    case 0x0a: value = number(Int16.self).map { UInt64(bitPattern: Int64($0)) }
    case 0x0b: value = number(Int32.self).map { UInt64(bitPattern: Int64($0)) }
    default: value = nil
    }
    guard let value else { return nil }
    switch encoding & 0xf0 {
    case 0x00: return value
    case 0x10: return value &+ place
    case 0x30: return value &+ base
    default: return nil
    }
  }
}
