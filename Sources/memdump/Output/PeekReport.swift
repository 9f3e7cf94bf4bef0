import MemDump

/// The report of `memdump peek`.
struct PeekReport: Report {
  let peeked: PeekedBytes
  /// The proof of how a process was looked at.
  let proof: LookProof?

  func describe(to page: inout some Rendering) throws {
    for pointer in peeked.followed {
      page.line("\(pointer.address) holds \(pointer.target.address), \(Self.name(pointer.target))")
    }
    let place = peeked.place
    page.line("\(place.address): \(Self.name(place))")
    if let beginning = place.beginning { page.fact("begins", beginning.readable ?? beginning.text) }
    page.fact("region", Self.region(place.region))
    if let dump { page.line(dump) }
    if let gap = peeked.gap {
      page.fact("NOTE", "\(place.address + UInt64(peeked.bytes.count)) and what follows is not read: \(gap)")
    }
    try page.table("pointer", peeked.pointers, Self.pointerFields)
    if let note = proof?.choice.note { page.fact("mode", note) }
    if let proof { page.pause(of: proof) }
    if let shortfall = proof?.shortfall { page.fact("NOTE", shortfall) }
    if let warning = proof?.warning { page.fact("WARNING", warning) }
    page.record("summary", members)
  }

  private var dump: String? {
    guard !peeked.bytes.isEmpty else { return nil }
    let lines = unsafe HexDump(peeked.bytes.span.bytes, at: peeked.place.address, marking: nil).lines
    return String(decoding: lines.dropLast(), as: UTF8.self)
  }

  private var members: [Member] {
    Self.placeFields.members(of: peeked.place) + [
      Member(.bytes, peeked.bytes.count),
      Member("content", unsafe HexDump.digits(peeked.bytes.span.bytes)),
      Member("unread", peeked.gap),
      Member("followed", peeked.followed.map(\.address.description)),
    ] + LookProof.members(of: [proof])
  }

  /// The fields of what lies at an address.
  private static let placeFields: [Field<AddressPlace>] = [
    Field(.address, \.address),
    Field("what") { name($0, readable: false) },
    Field("what_readable") { place in
      let readable = name(place)
      return readable == name(place, readable: false) ? nil : readable
    },
    Field(.region, \.region.label),
    Field(.permissions, \.region.permissions.description),
    Field("block", \.block?.address),
    Field("block_bytes", \.block?.byteCount),
    Field(.begins, \.beginning?.text),
    Field("begins_readable", \.beginning?.readable),
  ]

  private static let pointerFields: [Field<PeekedBytes.Pointer>] =
    [
      Field("at", \.address, .left("POINTER AT"), cell: \.address.description),
      Field(.left("LEADS TO")) { $0.target.address.description },
      Field(.left("WHICH IS")) {
        name($0.target) + ($0.target.beginning.map { ", begins \($0.readable ?? $0.text)" } ?? "")
      },
    ] + placeFields.map { $0.member { $0.target } }

  private static func region(_ region: MemoryRegion) -> String {
    "\(region.label), \(region.permissions), \(region.range.lowerBound)-\(region.range.upperBound), \(ByteSize(region.byteCount))"
  }

  /// What lies at an address, in words: `libapp.so:table+0x10`, `a block of 1,032 bytes, at 0x8 in it`.
  private static func name(_ place: AddressPlace, readable isReadable: Bool = true) -> String {
    switch place.use {
    case .block(let block, let offset):
      "a block of \(grouped(block.byteCount)) bytes" + (offset == 0 ? "" : ", \(Address(offset)) bytes into it")
    case .heap: "heap, and no block in use"
    case .symbol(let text, let readable): (isReadable ? readable : nil) ?? text
    case .module(let file, let offset): "\(file)+\(Address(offset))"
    case .stack(let thread): "stack of thread \(thread)"
    case .goroutines: "stack of a goroutine"
    case .threadLocal(let thread): "thread-local data of thread \(thread)"
    case .region(let offset): "\(place.region.label)+\(Address(offset))"
    }
  }
}

extension AddressPlace {
  /// The block that holds the address; nil for none.
  fileprivate var block: HeapBlock? {
    if case .block(let block, _) = use { block } else { nil }
  }
}
