/// What an event costs the thread that comes to it.
enum TrapCost {
  /// How often a thread of ours comes to it for that: in so many parts, of which the middle one counts.
  private static let (parts, count) = (9, 24)
  /// The cost where it cannot be measured: what it was on a virtual machine, in nanoseconds.
  static let assumed: UInt64 = 15_000
  /// The cost of a page fault's sample, in nanoseconds: measured at 1 to 2.5 µs.
  static let pageFault: UInt64 = 2_500

  /// The time that a sample of the registers and so much of the stack takes, in nanoseconds: measured on this thread, on a
  /// function that does nothing.
  static func measured(stackByteCount: Int) -> UInt64 {
    guard
      let event = try? Syscall.openPerfEvent(
        .execution(of: Syscall.trapAddress), of: Syscall.ownThread, stackByteCount: stackByteCount,
        registers: PerfSample.registerMask),
      let ring = try? PerfRing(
        of: Syscall.ownThread, byteCount: 1 << 16, registers: PerfSample.registerMask),
      (try? ring.take(samplesOf: event.file)) != nil
    else { return assumed }
    guard (try? Syscall.armPerfEvent(event.file, sampleCount: parts * count)) != nil else { return assumed }
    defer { Syscall.disarmPerfEvent(event.file) }
    var times: [UInt64] = []
    for _ in 0..<parts {
      let start = Syscall.monotonicTime
      Syscall.runTraps(count)
      times.append((Syscall.monotonicTime - start) / UInt64(count))
    }
    // Another thread may have had the processor meanwhile.
    return min(max(times.sorted()[parts / 2], 500), 100_000)
  }
}
