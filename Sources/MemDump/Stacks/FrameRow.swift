/// How to find the caller's registers from those of a function, at one place in its code: a row of the table that call frame
/// information stands for (DWARF 5, 6.4.1).
struct FrameRow: Equatable {
  /// How the caller's value of a register is found.
  enum Rule: Equatable {
    /// The register has the caller's value still, or nothing is said of it.
    case same
    /// The value is lost; of the return address: there is no caller.
    case undefined
    /// The value stands at the CFA plus an offset.
    case offset(Int64)
    /// The value is the CFA plus an offset.
    case valueOffset(Int64)
    /// The value is in another register.
    case register(UInt64)
    /// The value stands where an expression leads to.
    case expression([UInt8])
    /// The value is what an expression comes to.
    case valueExpression([UInt8])
  }

  /// How the CFA is found, the canonical frame address: the value of the stack pointer before the call.
  enum FrameAddress: Equatable {
    case register(UInt64, offset: Int64)
    case expression([UInt8])
  }

  /// How the CFA is found; nil before that is told.
  var frameAddress: FrameAddress?
  /// The rules by the number of the register; those of others are ``Rule/same``.
  private(set) var rules: [UInt64: Rule] = [:]

  /// The most registers that have rules: a function may name any number.
  private static let mostRules = 256

  /// The rule of a register.
  func rule(_ register: UInt64) -> Rule { rules[register] ?? .same }

  /// Sets the rule of a register.
  mutating func set(_ register: UInt64, _ rule: Rule?) {
    guard rules.count < Self.mostRules || rules[register] != nil else { return }
    rules[register] = rule
  }
}
