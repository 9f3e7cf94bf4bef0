/// A common entry of call frame information (CIE): what many functions have in common.
struct CommonFrame {
  /// The factor of distances in the code.
  var codeAlignment: UInt64
  /// The factor of offsets on the stack.
  var dataAlignment: Int64
  /// The number of the register that stands for the return address.
  var returnRegister: UInt64
  /// How the entries of functions write addresses (DW_EH_PE_…).
  var pointerEncoding: UInt8 = 0
  /// Whether the entries of functions have more data before their instructions.
  var hasAugmentation = false
  /// Whether the functions are those that a signal's handler returns to: what they would return to was not a call.
  var isSignalFrame = false
  var instructions: [UInt8]
  /// The address of the instructions, from the load bias on.
  var instructionsAddress: UInt64

  /// That of functions which no entry tells of.
  static let ofRuntime = CommonFrame(returnRegister: ProcessorRegisters.returnAddress)

  private init(returnRegister: UInt64) {
    (codeAlignment, dataAlignment, self.returnRegister) = (1, 1, returnRegister)
    (instructions, instructionsAddress) = ([], 0)
  }

  /// Reads an entry behind its length; nil where it is none, or of a version that is not known.
  init?(_ bytes: [UInt8], at start: UInt64) {
    var reader = NumberReader(bytes, at: start)
    guard reader.number(UInt32.self) == 0, let version = reader.byte(), [1, 3, 4].contains(version),
      let augmentation = reader.text()
    else { return nil }
    // The sizes of an address and of a selector.
    if version == 4 { guard reader.byte() == 8, reader.byte() == 0 else { return nil } }
    guard let codeAlignment = reader.unsigned(), let dataAlignment = reader.signed(),
      let register = version == 1 ? reader.byte().map({ UInt64($0) }) : reader.unsigned()
    else { return nil }
    (self.codeAlignment, self.dataAlignment, returnRegister) = (codeAlignment, dataAlignment, register)
    (instructions, instructionsAddress) = ([], 0)
    guard read(augmentation, &reader) else { return nil }
    (instructions, instructionsAddress) = (Array(bytes[reader.index...]), reader.address)
  }

  /// Reads the data that letters tell of (Linux Standard Base, 10.6.1.1.1). False where one is not known.
  private mutating func read(_ letters: [UInt8], _ reader: inout NumberReader) -> Bool {
    guard let first = letters.first else { return true }
    guard first == UInt8(ascii: "z"), let byteCount = reader.unsigned() else { return false }
    hasAugmentation = true
    let start = reader.index
    for letter in letters.dropFirst() {
      switch letter {
      case UInt8(ascii: "R"):
        guard let encoding = reader.byte() else { return false }
        pointerEncoding = encoding
      case UInt8(ascii: "L"): guard reader.byte() != nil else { return false }
      case UInt8(ascii: "P"):
        // A routine for exceptions: where it is does not matter, nor that it is told through memory.
        guard let encoding = reader.byte(), reader.pointer(encoding & 0x0f) != nil else { return false }
      case UInt8(ascii: "S"): isSignalFrame = true
      case UInt8(ascii: "B"): break
      default: return false
      }
    }
    guard byteCount >= UInt64(reader.index - start) else { return false }
    return reader.skip(byteCount - UInt64(reader.index - start))
  }
}
