extension [MemoryRegion] {
  /// Whether the map is that of a 32-bit process: all of its memory lies in the first 4 GiB, where no kernel puts the stack
  /// and the vDSO of another one. Its program would tell, too, but a file may have to be waited for.
  package var areNarrow: Bool {
    !isEmpty && allSatisfy { $0.range.upperBound <= Address(1 << 32) || $0.name.elementsEqual("[vsyscall]".utf8) }
  }
}
