import MemDump

/// What `memdump refs` prints.
struct HolderReport {
  /// What was found; nil where there is no heap that can be walked.
  var holders: HolderSummary?
  var heap: HeapSummary?
  /// Whose heap it is instead.
  var others: [AllocatorRecognition] = []
  /// How a process was looked at.
  var look: ProcessLook?
  var hasStacks = false
  var isCut = false
  var otherBuilds: [[UInt8]] = []
  var limit: Int?

  /// How many sizes that there are are named for one that there is not.
  private static let nearSizeCount = 4
  /// How many groups of one size a chain shows.
  private static let longestChain = 8

  private var rows: ArraySlice<HolderSummary.Row> { holders?.rows.prefix(limit ?? .max) ?? [] }

  /// Lines for people.
  var text: String {
    guard let holders else { return HeapReport.absence(others) + "\n" }
    guard holders.count > 0 else { return nothing(holders) + "\n" }
    var table = Table([("BLOCKS", .right), ("SHARE", .right), ("HOLDER", .left), ("CHAIN", .left)])
    for row in rows { table.add([grouped(row.count), share(row.count), Self.name(row), chain(row)]) }
    let hidden = holders.traced - rows.reduce(0) { $0 + $1.count }
    if hidden > 0 { table.add([grouped(hidden), share(hidden), "other holders: see --top", "-"]) }
    let lost = holders.sampled - holders.traced
    if lost > 0 { table.add([grouped(lost), share(lost), "not traced", "-"]) }
    var lines = [heading(holders), String(table.text.dropLast())]
    if let pause = look?.pause { lines.append("  pause     \(readableTime(nanoseconds: pause.duration))") }
    return lines.joined(separator: "\n") + "\n"
  }

  private func heading(_ holders: HolderSummary) -> String {
    let sampled = "\(grouped(holders.sampled)) sampled"
    let bytes = ByteSize(holders.byteCount)
    switch holders.subject {
    case .size(let size):
      return "chunks of \(grouped(size)) bytes: \(grouped(holders.count)) in use, \(bytes); \(sampled)"
    case .block(let address, let block):
      return "\(address) is in the block at \(block.address), a chunk of \(grouped(block.footprint.byteCount)) bytes: "
        + "\(counted(holders.count, "pointer")) to it; \(sampled)"
    case .address(let address):
      return "\(address) is in no block of malloc in use: \(counted(holders.count, "pointer")) to it; \(sampled)"
    case .template(let text):
      return "blocks with \(EscapedText(text)): \(grouped(holders.count)), \(bytes) in chunks of malloc; \(sampled)"
    }
  }

  /// What is said where there is nothing to look for holders of.
  private func nothing(_ holders: HolderSummary) -> String {
    switch holders.subject {
    case .size(let size):
      let classes = (heap?.classes ?? []).filter { $0.count > 0 }
      func distance(_ row: HeapClass) -> UInt64 { max(row.footprint, size) - min(row.footprint, size) }
      let near = classes.sorted { (distance($0), $0.footprint) < (distance($1), $1.footprint) }
        .prefix(Self.nearSizeCount).sorted { $0.footprint < $1.footprint }
        .map { "\(grouped($0.footprint)) (\(grouped($0.count)))" }
      return "There is no chunk of \(grouped(size)) bytes in use. "
        + (near.isEmpty ? "There is none of any size." : "Sizes near it: \(near.joined(separator: ", ")).")
    case .block(let address, let block):
      let chunk = block.footprint
      return
        "No pointer leads to the block of \(address), a chunk of \(grouped(chunk.byteCount)) bytes at \(chunk.lowerBound)."
    case .address(let address): return "No pointer leads to \(address), which is in no block of malloc in use."
    case .template(let text):
      return
        "There is no text of the template \(EscapedText(text)). `memdump strings --template` lists those there are."
    }
  }

  private func share(_ count: Int) -> String {
    let tenths = Int((Double(count) / Double(max(1, holders?.sampled ?? 0)) * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  /// `module.so:cache::table+0x10`, `module.so+0x1a2b8`, `module.so+0x4080…+0x7ef8`, `stack of thread 12`.
  static func name(_ row: HolderSummary.Row) -> String {
    name(row, symbol: row.symbol.map { SymbolName($0).description })
  }

  /// The same with the symbol as it is given.
  fileprivate static func name(_ row: HolderSummary.Row, symbol: String?) -> String {
    switch row.kind {
    case .variable:
      let path = row.module ?? []
      let file = EscapedText(path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...])
      let offset = row.offset.map { $0 == 0 && symbol != nil ? "" : "+\(Address($0))" } ?? ""
      let last = row.lastOffset.map { "…+\(Address($0))" } ?? ""
      return file.description + (symbol.map { ":\($0)" } ?? "") + offset + last
    case .stack: return "stack of thread \(row.thread?.description ?? "?")"
    case .threadLocal: return "thread-local data of thread \(row.thread?.description ?? "?")"
    }
  }

  /// The sizes, the block first; equal ones that follow each other as one.
  private func chain(_ row: HolderSummary.Row) -> String {
    var groups: [(size: UInt64, count: Int)] = []
    for size in row.chain {
      if let last = groups.last, last.size == size {
        groups[groups.count - 1].count += 1
      } else {
        groups.append((size, 1))
      }
    }
    var words = groups.prefix(Self.longestChain).map { group in
      (group.size == 0 ? "?" : grouped(group.size)) + (group.count > 1 ? " × \(grouped(group.count))" : "")
    }
    let shown = groups.prefix(Self.longestChain).reduce(0) { $0 + $1.count }
    if row.chainLength > shown { words.append("… \(grouped(row.chainLength - shown)) more") }
    return (words + [row.kind == .variable ? "variable" : row.kind.rawValue]).joined(separator: " <- ")
  }

  /// What the answer is worth, for standard error.
  var notes: [String] {
    guard let holders, holders.count > 0 else { return [] }
    var notes = [
      "\(grouped(holders.traced)) of \(grouped(holders.sampled)) traced. What holds a block can reach it; whether it should, "
        + "memory does not tell."
    ]
    if !hasStacks { notes.append("no registers of threads were read, so stacks were not looked at") }
    if isCut { notes.append("there is more than 32 GiB of written memory: the rest was not looked at") }
    for path in otherBuilds {
      notes.append("\(EscapedText(path)) is of another build than what was in memory: its names are not used")
    }
    if let heap, !heap.isClean { notes.append("the heap was walked with breaks: some blocks are not known") }
    return notes
  }

  /// A line of type `holder` for each holder, then one of type `summary`.
  func json(elapsed: UInt64) -> [UInt8] {
    var writer = JSONWriter()
    for row in rows {
      writer.object { object in
        object.member("type", "holder")
        object.member("subject", subject)
        object.add(row)
      }
      writer.endLine()
    }
    writer.object { object in
      object.member("type", "summary")
      object.member("subject", subject)
      object.member("allocator", heap?.allocator.name ?? others.first?.allocator.name)
      object.member("count", holders?.count)
      object.member("bytes", holders?.byteCount)
      object.member("sampled", holders?.sampled)
      object.member("traced", holders?.traced)
      object.member("holders", holders?.rows.count)
      object.member("stacks", hasStacks)
      object.member("other_builds") { list in
        list.array { values in for path in otherBuilds { values.value(EscapedText(path).description) } }
      }
      object.member("pause_ns", look.map { $0.pause?.duration ?? 0 })
      object.member("elapsed_ns", elapsed)
    }
    writer.endLine()
    return writer.bytes
  }

  /// `1040`, an address, or a template.
  private var subject: String? {
    switch holders?.subject {
    case .size(let size): "\(size)"
    case .block(let address, _), .address(let address): address.description
    case .template(let text): EscapedText(text).description
    case nil: nil
    }
  }
}

extension JSONWriter {
  /// Adds the members that tell of a holder.
  mutating func add(_ row: HolderSummary.Row) {
    member("kind", row.kind.rawValue)
    let symbol = row.symbol.map { EscapedText($0).description }
    let (name, readable) = (HolderReport.name(row, symbol: symbol), HolderReport.name(row))
    member("holder", name)
    member("holder_readable", readable == name ? nil : readable)
    member("module", row.module.map { EscapedText($0).description })
    member("symbol", symbol)
    member("offset", row.offset)
    member("last_offset", row.lastOffset)
    member("thread", row.thread.map { Int64($0.rawValue) })
    member("address", row.address)
    member("count", row.count)
    member("chain") { list in list.array { values in for size in row.chain { values.value(size) } } }
    member("chain_length", row.chainLength)
    member("example", row.example)
  }
}
