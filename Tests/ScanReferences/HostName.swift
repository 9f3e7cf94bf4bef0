// The rule of a host's name, which `host-port` and `email` share.

extension UInt8 {
  var isPartOfHostName: Bool { isLetter || isDigit || isOne(of: "_.-") }
}

/// The labels of a name; nil where it is not valid as a whole: at most 253 bytes, labels of 1 to 63 without a dash at either
/// end.
func labels(ofHostName name: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
  let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  let areValid = labels.allSatisfy {
    (1...63).contains($0.count) && $0.first != UInt8(ascii: "-") && $0.last != UInt8(ascii: "-")
  }
  return areValid && name.count <= 253 ? labels : nil
}
