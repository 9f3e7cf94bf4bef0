import Testing

@testable import MemDump

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      ("0", 0), ("1", 1), ("4096", 4096), ("0x1000", 4096), ("0xFf", 255), ("0x0", 0), ("1b", 1), ("1B", 1),
      ("64K", 65536), ("64k", 65536), ("64KB", 65536), ("64kb", 65536), ("64KiB", 65536), ("64kib", 65536),
      ("10M", 10 << 20), ("10MiB", 10 << 20), ("10mb", 10 << 20), ("1G", 1 << 30), ("1GiB", 1 << 30), ("2T", 2 << 40),
      ("2TiB", 2 << 40), ("1.5G", 3 << 29), ("0.5K", 512), ("1.25M", 5 << 18), ("0.1K", 102), ("007K", 7168), ("0K", 0),
      ("18446744073709551615", UInt64.max), ("0xffffffffffffffff", UInt64.max),
      ("18014398509481983K", UInt64.max - 1023),
      ("16777215T", UInt64.max - (1 << 40) + 1),
      // As they are printed.
      ("1,040", 1040), ("200,016", 200_016), ("1,234,567", 1_234_567), ("14.8 MiB", 15_518_924), ("10 K", 10240),
      ("1,024K", 1 << 20), ("1,024.5 K", 1_049_088), ("999", 999), ("18,446,744,073,709,551,615", UInt64.max),
    ] as [(String, UInt64)]) func readsWhatPeopleWrite(text: String, byteCount: UInt64)
  {
    #expect(ByteSize(parsing: text)?.byteCount == byteCount)
  }

  @Test(arguments: [
    "", " ", "K", "KiB", "B", "x", "10Q", "10KK", "10  K", "10 ", " 10K", "10K ", "-1", "+1", "-1K", "+1K", "1,5G", ",",
    "1,", ",100", "1,00", "1,0000", "1000,000", "1,000,00", "0,1.5K", "1.5,000K", "1,000.500,000K", "1,,000", "1.5",
    ".5K",
    "5.K", ".K", ".", "..", "1..5K", "1.2.3K", "1e3", "1e3K", "0x", "0x1K", "0xg", "0x-1", "0x+1", "0X10", "10iB",
    "10KIBS",
    "\u{661}K", "\u{ff11}K", "１", "10\u{0}", "NaN", "inf", "infK", "nanK", "0x1p4K",
    // Too much.
    "18446744073709551616", "0x10000000000000000", "18014398509481984K", "16777216T", "16777216.5T",
    "99999999999999999999K",
    "99999999999999999999", "1.5e300T", String(repeating: "9", count: 400) + "K", "17179869184.0G",
  ]) func refusesWhatIsNoSize(text: String) {
    #expect(ByteSize(parsing: text) == nil)
  }

  @Test(
    arguments: [
      (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1 KiB"), (1025, "1 KiB"), (1126, "1 KiB"), (1127, "1.1 KiB"),
      (1536, "1.5 KiB"), (135168, "132 KiB"), ((1 << 20) - 1, "1023.9 KiB"), (1 << 20, "1 MiB"),
      (56_518_656, "53.9 MiB"), (1 << 30, "1 GiB"), (1 << 40, "1 TiB"), (3 << 39, "1.5 TiB"), (1 << 50, "1024 TiB"),
      (UInt64.max, "16777215.9 TiB"),
    ] as [(UInt64, String)]) func writesItselfForPeople(byteCount: UInt64, text: String)
  {
    #expect(ByteSize(byteCount).description == text)
  }

  /// What it writes without a rest it reads as the same, as it is printed.
  @Test func readsWhatItWrote() {
    for size in [0, 5, 1024, 132 << 10, 3 << 29, 10 << 20, 7 << 30, 9 << 40] as [UInt64] {
      let text = ByteSize(size).description
      #expect(ByteSize(parsing: text) == ByteSize(size), "\(text)")
      #expect(ByteSize(parsing: text.replacing(" ", with: "")) == ByteSize(size), "\(text)")
    }
  }

  @Test func isOrderedByBytes() { #expect([ByteSize(3), ByteSize(1), ByteSize(2)].max() == ByteSize(3)) }
}
