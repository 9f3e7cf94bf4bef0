/// Instructions of a process itself, which a thread of the process is sent to so that no code has to be written there.
struct Gadgets: Sendable {
  /// The address of `syscall; ret`.
  var call: Address
  /// The addresses of `mov $15, %eax; syscall`, where a signal handler returns to, for rt_sigreturn(2). At least one.
  var restorers: [Address]

  /// The most restorers: more than one C library in a process is rare; see CPROCMEM_RESTORER_LIMIT.
  static let restorerLimit = 4

  /// Finds the gadgets in the mapped programs and libraries, the C library first; nil where they are not to be found.
  static func find(in memory: LiveMemory) throws(MemDumpError) -> Gadgets? {
    let texts = memory.regions.filter { $0.kind == .file && $0.permissions.contains([.read, .execute]) }
    let isLibrary = { (region: MemoryRegion) in region.fileName.starts(with: "libc".utf8) }
    var collector = Collector()
    for region in texts.filter(isLibrary) + texts.filter({ !isLibrary($0) }) {
      _ = try Scan(patterns: Collector.patterns).run(memory, ranges: [region.range], into: &collector)
      if let call = collector.call, !collector.restorers.isEmpty {
        return Gadgets(call: call, restorers: collector.restorers)
      }
    }
    return nil
  }

  private struct Collector: FindingSink {
    static let patterns: [any Pattern] = [
      "0f 05 c3", "48 c7 c0 0f 00 00 00 0f 05", "b8 0f 00 00 00 0f 05",
    ].compactMap { BytesPattern(hexadecimal: $0) }

    var call: Address?
    var restorers: [Address] = []

    mutating func receive(_ finding: Finding, text: RawSpan) -> Bool {
      if finding.pattern > 0 {
        restorers.append(finding.address)
      } else if call == nil {
        call = finding.address
      }
      return restorers.count < Gadgets.restorerLimit
    }
  }
}
