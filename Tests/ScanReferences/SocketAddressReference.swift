/// The rule of `sockaddr`: at every multiple of 4 the fields are read one by one.
public struct SocketAddressReference: ScanReference {
  /// There is nothing to choose.
  public init() {}

  /// See ``ScanReference``.
  public func matches(in bytes: [UInt8], at address: UInt64) -> [Range<Int>] {
    let places = bytes.indices.filter { (address &+ UInt64($0)) % 4 == 0 }
    let structures = places.compactMap { place in length(in: bytes, at: place).map { place..<place + $0 } }
    let unpadded = places.filter { (address &+ UInt64($0)) % 8 == 0 && isUnpadded(Array(bytes[$0...].prefix(16))) }
      .map { $0..<$0 + 16 }
    // Where one lies partly in another that begins earlier, only the earlier is one.
    let sure = structures.filter { one in
      !structures.contains { $0.lowerBound < one.lowerBound && $0.overlaps(one) }
    }
    let others = unpadded.filter { one in
      !structures.contains { $0.overlaps(one) }
        && !unpadded.contains { $0.lowerBound < one.lowerBound && $0.overlaps(one) }
    }
    return (sure + others).sorted { $0.lowerBound < $1.lowerBound }
  }

  private func length(in bytes: [UInt8], at place: Int) -> Int? {
    guard place + 2 <= bytes.count, bytes[place + 1] == 0 else { return nil }
    let rest = bytes[place...]
    switch bytes[place] {
    case 1: return lengthOfUnix(Array(rest.dropFirst(2).prefix(108)))
    case 2: return rest.count >= 16 && isIPv4(Array(rest.prefix(16))) ? 16 : nil
    case 10: return rest.count >= 28 && isIPv6(Array(rest.prefix(28))) ? 28 : nil
    default: return nil
    }
  }

  private func isIPv4(_ structure: [UInt8]) -> Bool {
    let (port, address, padding) = (structure[2..<4], structure[4..<8], structure[8..<16])
    return !isZero(port) && !isZero(address.dropFirst()) && isZero(padding) && !isPointer(Array(address))
  }

  /// The upper half of a pointer into a program, its heap, a library or a stack, of x86-64 or AArch64.
  private func isPointer(_ address: [UInt8]) -> Bool {
    address[2...] == [0, 0] && [0x55, 0x56, 0x7e, 0x7f, 0xaa, 0xab, 0xfe, 0xff].contains(address[1])
  }

  /// A `sockaddr_in` whose padding was never written, with an address of a private network or of loopback.
  private func isUnpadded(_ structure: [UInt8]) -> Bool {
    guard structure.count == 16, structure[0] == 2, structure[1] == 0, !isZero(structure[2..<4]), structure[7] != 0
    else { return false }
    let isPrivate =
      switch (structure[4], structure[5], structure[6]) {
      // A newline, and a text that begins so.
      case (10, 0x20...0x7e, 0x20...0x7e) where (0x20...0x7e).contains(structure[7]): false
      case (10, _, _), (172, 16...31, _), (192, 168, _), (127, 0, 0): true
      default: false
      }
    return isPrivate && !isZero(structure[8...])
  }

  private func isIPv6(_ structure: [UInt8]) -> Bool {
    let (port, flow, address) = (structure[2..<4], structure[4..<8], Array(structure[8..<24]))
    guard !isZero(port), (flow.first ?? 0) < 16 else { return false }
    let isLinkLocal = address[0] == 0xfe && address[1] & 0xc0 == 0x80
    guard isZero(structure[24..<28]) || isLinkLocal && isZero(structure[26..<28]) else { return false }
    let isLoopback = isZero(address[..<15]) && address[15] == 1
    let isMapped = isZero(address[..<10]) && address[10] == 0xff && address[11] == 0xff && !isZero(address[12...])
    let isTranslated = address[..<4] == [0x00, 0x64, 0xff, 0x9b]
    let isGlobal = address[0] & 0xe0 == 0x20
    let isUniqueLocal = address[0] & 0xfe == 0xfc
    let isMulticast = address[0] == 0xff
    return isLoopback || isMapped || isTranslated || isGlobal || isUniqueLocal || isLinkLocal || isMulticast
  }

  /// The length of the family and the name, whose first NUL (the first behind that of an abstract name) must be among
  /// its 108 bytes.
  private func lengthOfUnix(_ name: [UInt8]) -> Int? {
    let isAbstract = name.first == 0
    let end = name.endOfRun(from: isAbstract ? 1 : 0) { (0x20...0x7e).contains($0) }
    guard name.byte(end) == 0 else { return nil }
    if isAbstract { return end >= 4 ? 2 + end : nil }
    return isPath(name[..<end]) ? 2 + end : nil
  }

  private func isPath(_ name: ArraySlice<UInt8>) -> Bool {
    if name.first == UInt8(ascii: "/") { return name.count >= 2 }
    guard name.count >= 6, name.allSatisfy({ $0.isLetter || $0.isDigit || $0.isOne(of: "._/-") }) else { return false }
    return name.contains(UInt8(ascii: "/")) || name.indices.contains { Array(name).has("sock", at: $0) }
  }

  private func isZero(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { $0 == 0 } }
}
