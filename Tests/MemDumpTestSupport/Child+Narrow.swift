extension Child {
  /// Starts a 32-bit process that waits for ever; nil where the kernel has no 32-bit processes.
  public static func narrow(in directory: TemporaryDirectory) throws -> Child? {
    let program = try directory.write(narrowProgram, to: "narrow", mode: 0o755)
    guard let child = try? Child(program, []),
      waitUntil(within: .seconds(2), { threadStates(child.id)[child.id] == "S" })
    else { return nil }
    return child
  }

  /// An ELF file of 32-bit class: `mov $29, %eax; int $0x80; jmp .-7`, which is pause(2) for ever.
  private static let narrowProgram: [UInt8] = {
    func words(_ values: UInt32...) -> [UInt8] {
      values.flatMap { v in (0..<4).map { UInt8(truncatingIfNeeded: v >> (8 * $0)) } }
    }
    let code: [UInt8] = [0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7]
    let base: UInt32 = 0x0804_8000
    let size = UInt32(84 + code.count)
    return [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
      + [2, 0, 3, 0] + words(1, base + 84, 52, 0, 0) + [52, 0, 32, 0, 1, 0, 0, 0, 0, 0, 0, 0]
      + words(1, 0, base, base, size, size, 5, 0x1000) + code
  }()
}
