/// The registers of a thread by the numbers that DWARF gives them (System V ABI, AMD64, figure 3.36), as far as they are known.
struct ProcessorRegisters: Equatable {
  /// The number of the stack pointer, of the frame pointer, and of the return address.
  static let (stackPointer, framePointer, returnAddress): (UInt64, UInt64, UInt64) = (7, 6, 16)
  private static let count = 17

  private var values: [UInt64?]

  /// The value of a register; nil where it is not known, or there is no such register.
  subscript(number: UInt64) -> UInt64? {
    get { number < UInt64(Self.count) ? values[Int(number)] : nil }
    set { if number < UInt64(Self.count) { values[Int(number)] = newValue } }
  }

  /// The numbers of all registers.
  static var numbers: Range<UInt64> { 0..<UInt64(count) }

  /// The registers with the numbers 0 to 16, in their order; nil where they are not so many.
  init?(_ all: [UInt64]) {
    guard all.count == Self.count else { return nil }
    values = all
  }

  /// No register is known.
  init() { values = Array(repeating: nil, count: Self.count) }

  /// The general registers of a thread (struct user_regs_struct of x86-64); nil where there are none, or those of another
  /// processor.
  init?(_ thread: ThreadRegisters) {
    guard let general = thread.notes.first(where: { $0.type == 1 })?.bytes, general.count == 27 * 8 else { return nil }
    // The places of rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, rip.
    let places = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16]
    values = places.map { general.load(UInt64.self, at: $0 * 8) }
  }
}
