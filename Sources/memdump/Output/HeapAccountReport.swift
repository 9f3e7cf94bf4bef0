import MemDump

extension Rendering {
  /// Tells where the resident bytes of a heap are, what would be given back, and what that comes to.
  mutating func tell(_ account: HeapAccount) {
    fact("resident", account.residentText)
    if account.swapped > 0 { fact("swapped", "\(ByteSize(account.swapped))") }
    if let call = account.releaseCall { fact("forecast", "\(call) would give back \(ByteSize(account.forecast))") }
    for pin in account.pins { fact("pinned by", pin.text) }
    let settings = account.settings
    if !settings.isEmpty { fact("settings", settings.map(\.text).joined(separator: ", ")) }
    if let finding = account.finding { self.tell(finding) }
  }

  /// Tells a word with its evidence and the remedy.
  mutating func tell(_ finding: HeapFinding) { fact("finding", finding.text) }

  /// The records of accounts for programs.
  mutating func records(of accounts: [HeapAccount], process: ProcessID?) throws {
    try records("heap-account", accounts, HeapAccount.fields(process))
  }
}

extension HeapFinding {
  /// The word with its evidence and the remedy.
  var text: String { "\(word.rawValue): \(evidence.text)\(remedy.map { "; \($0.text)" } ?? "")" }
}

extension HeapPin {
  /// The blocks that pin, in a few words.
  var text: String {
    let what = content.map { ": \($0.title)" } ?? ""
    return "\(counted(count, "block")) of \(footprint) bytes\(what), which hold \(ByteSize(byteCount))\(holderText)"
  }

  private var holderText: String {
    guard let holders, let first = holders.rows.first, holders.sampled > 0 else { return "" }
    let share = percentage(thousandths: UInt64(Double(first.count) / Double(holders.sampled) * 1000))
    return "; held by \(ReferenceReport.name(first)) (\(share) of \(holders.sampled) sampled)"
  }

  fileprivate var members: [Member] {
    [
      Member(.size, footprint), Member(.blocks, count), Member(.bytes, byteCount),
      Member(.text, content?.title), Member(.holder, holders?.rows.first.map { ReferenceReport.name($0) }),
    ]
  }
}

extension HeapAccount {
  /// How many bytes are resident, and where they are.
  var residentText: String {
    let shown = parts.titled.filter { $0.byteCount > 0 }.map { "\(ByteSize($0.byteCount)) \($0.title)" }
    let resident = ByteSize(parts.sum)
    return shown.isEmpty ? "\(resident)" : "\(resident): " + shown.joined(separator: "; ")
  }

  /// The fields of a record.
  static func fields(_ process: ProcessID?) -> [Field<HeapAccount>] {
    [
      Field(.pid) { _ in process?.rawValue },
      Field(.allocator, \.allocator.name),
      Field(.resident, \.parts.sum),
      Field("used_resident", \.parts.used),
      Field("cached_resident", \.parts.cached),
      Field("returnable_resident", \.parts.returnable),
      Field("kept_resident", \.parts.kept),
      Field("pinned_resident", \.parts.pinned),
      Field("huge_zeros_resident", \.parts.hugeZeros),
      Field("own_resident", \.parts.own),
      Field("unwalked_resident", \.parts.unwalked),
      Field(.swap, \.swapped),
      Field("mapped_resident", \.mapped),
      Field("thread_arenas", \.threadArenaCount),
      Field("thread_arenas_free", \.freeInThreadArenas),
      Field("forecast", \.forecast),
      Field("sparse_pages", \.sparsePageCount),
      Field("sparse_bytes", \.sparseByteCount),
      Field("pins") { account in account.pins.map { FieldValue.object($0.members) } },
      Field("settings") { $0.settings.map(\.text) },
      Field(.word) { $0.finding?.word.rawValue },
      Field(.evidence) { $0.finding?.evidence.text },
      Field(.remedy) { $0.finding?.remedy?.text },
    ]
  }
}
