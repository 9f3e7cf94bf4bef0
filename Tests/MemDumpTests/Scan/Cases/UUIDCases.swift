import ScanReferences

@testable import MemDump

extension PatternCases {
  private static let one = "123e4567-e89b-12d3-a456-426614174000"
  private static let other = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"

  static let uuid = PatternCases(
    UUIDPattern(), UUIDReference(),
    [
      (one, one),
      (other, other),
      ("00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"),
      ("123E4567-e89B-12d3-A456-42661417400f", "123E4567-e89B-12d3-A456-42661417400f"),
      ("abcdefAB-CDEF-abcd-efAB-CDEFabcdefAB", "abcdefAB-CDEF-abcd-efAB-CDEFabcdefAB"),
      ("{\(one)}", one),
      ("\"\(one)\"", one),
      ("urn:uuid:\(one)", one),
      ("/\(one)/", one),
      // Dashes around it do no harm.
      ("pvc-\(one)", one),
      ("\(one)-suffix", one),
      ("--\(one)--", one),
      ("a-\(one)-a", one),
      ("1234-\(one)-1234", one),
      // What stands before it.
      ("0\(one)", ""),
      ("9\(one)", ""),
      ("a\(one)", ""),
      ("f\(one)", ""),
      ("A\(one)", ""),
      ("F\(one)", ""),
      ("g\(one)", one),
      ("G\(one)", one),
      ("_\(one)", one),
      ("/\(one)", one),
      (":\(one)", one),
      ("@\(one)", one),
      ("`\(one)", one),
      ("\u{0}\(one)", one),
      ("\u{b1}\(one)", one),
      ("\u{e1}\(one)", one),
      // What stands behind it.
      ("\(one)0", ""),
      ("\(one)9", ""),
      ("\(one)a", ""),
      ("\(one)F", ""),
      ("\(one)g", one),
      ("\(one)_", one),
      ("\(one).", one),
      ("\(one):", one),
      ("\(one)\u{0}", one),
      ("\(one)\u{b1}", one),
      // Groups of another length.
      ("23e4567-e89b-12d3-a456-426614174000", ""),
      ("123e4567-89b-12d3-a456-426614174000", ""),
      ("123e4567-e89b-2d3-a456-426614174000", ""),
      ("123e4567-e89b-12d3-456-426614174000", ""),
      ("123e4567-e89b-12d3-a456-42661417400", ""),
      ("123e4567-e89bb-12d3-a456-426614174000", ""),
      ("123e4567-e89b-12d33-a456-426614174000", ""),
      ("123e4567-e89b-12d3-a4566-426614174000", ""),
      ("1234567-0e89b-12d3-a456-426614174000", ""),
      // Other bytes inside.
      ("123e456g-e89b-12d3-a456-426614174000", ""),
      ("123e4567-e89g-12d3-a456-426614174000", ""),
      ("123e4567-e89b-12g3-a456-426614174000", ""),
      ("123e4567-e89b-12d3-g456-426614174000", ""),
      ("123e4567-e89b-12d3-a456-42661417400g", ""),
      ("123e4567_e89b_12d3_a456_426614174000", ""),
      ("123e4567-e89b-12d3-a456_426614174000", ""),
      ("123e4567-e89b-12d3a-456-426614174000", ""),
      ("123e4567 e89b 12d3 a456 426614174000", ""),
      ("123e4567e89b12d3a456426614174000", ""),
      ("123e4567--e89b-12d3-a456-426614174000", ""),
      ("123e4567-e89b-12d3-a456-4266\u{0}4174000", ""),
      ("\u{b1}23e4567-e89b-12d3-a456-426614174000", ""),
      ("123e4567\u{ad}e89b-12d3-a456-426614174000", ""),
      ("", ""),
      ("-", ""),
      ("----", ""),
      (String(repeating: "-", count: 80), ""),
      (String(repeating: "a", count: 80), ""),
      // One behind the other.
      ("\(one) \(other)", "\(one) \(other)"),
      ("\(one)-\(other)", "\(one) \(other)"),
      ("\(one)\(other)", ""),
      ("\(one)/\(one)", "\(one) \(one)"),
      ("123e4567-\(one)", one),
      ("123e4567-e89b-12d3-a456-\(one)", one),
    ])

  static let uuidWords = PatternCases(
    UUIDPattern(wantsWholeWord: true), UUIDReference(wantsWholeWord: true),
    [
      (one, one),
      ("g\(one)", ""),
      ("Z\(one)", ""),
      ("_\(one)", ""),
      ("\(one)g", ""),
      ("\(one)Z", ""),
      ("\(one)_", ""),
      ("pvc-\(one)-x", one),
      ("\u{e1}\(one)\u{e1}", one),
      ("x\(one) \(other)", other),
    ])
}
