/// The processor that an ELF file is for (e_machine).
public enum ELFMachine: Hashable, Sendable {
  /// An x86-64 processor (EM_X86_64).
  case x86_64
  /// A 64-bit Arm processor (EM_AARCH64).
  case aarch64
  /// Any other processor, by its number.
  case other(UInt16)

  /// The processor that memdump runs on, which is that of every process it can look at.
  public static let own = ELFMachine(code: ownCode)
  #if arch(arm64)
    private static let ownCode: UInt16 = 183
  #else
    private static let ownCode: UInt16 = 62
  #endif

  /// Makes a machine from its number.
  public init(code: UInt16) {
    switch code {
    case 62: self = .x86_64
    case 183: self = .aarch64
    default: self = .other(code)
    }
  }

  /// The number of the machine.
  public var code: UInt16 {
    switch self {
    case .x86_64: 62
    case .aarch64: 183
    case .other(let code): code
    }
  }
}
