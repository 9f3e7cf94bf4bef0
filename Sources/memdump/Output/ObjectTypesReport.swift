import MemDump

extension Rendering {
  /// Tells of the objects of a language's runtime by type.
  mutating func tell(_ result: ObjectTypes.Result, of language: ObjectTypes.Language, limit: Int?) throws {
    switch result {
    case .none: return
    case .refused(let reason):
      line("\n\(language.title) objects", .strong)
      fact("refused", reason.text, .attention)
    case .found(let objects):
      line("\n\(language.title) objects", .strong)
      let rows = objects.rows.prefix(limit ?? .max)
      try table(nil, rows, ObjectTypes.fields(of: objects), more: objects.rest(behind: rows.count))
      try records("object-type", rows, ObjectTypes.fields(of: objects))
      fact("objects", "\(counted(objects.objects.count, "object")), \(ByteSize(objects.objects.byteCount))")
      if objects.total.byteCount == 0 { return }
      if language != .hotSpot {
        fact("owned", "\(ByteSize(objects.owned.byteCount)) of theirs: items, tables, buffers, stacks")
      }
      let whole =
        switch language {
        case .python: "in use of all heaps; the rest is of C"
        case .luaJIT: "that LuaJIT counts; the rest is cdata, traces and its own"
        case .php: "in use of zend_mm; the rest is compiled code, calls and its own"
        case .hotSpot: "with objects, those that died since the last collection included"
        }
      let share = percentage(thousandths: objects.namedThousandths)
      fact("named", "\(share) of \(ByteSize(objects.total.byteCount)) \(whole)")
    }
  }
}

extension ObjectTypes {
  /// The fields of a row of a type.
  static func fields(of objects: ObjectTypes) -> [Field<Row>] {
    let (total, language) = (objects.total.byteCount, objects.language.rawValue)
    return [
      Field(.name, { EscapedText($0.name).description }, .left("TYPE", rank: 1, overflow: .cut(keeping: .end))) {
        EscapedText($0.name).description
      },
      Field(.count, { $0.objects.count }, .right("COUNT")) { grouped($0.objects.count) },
      Field(.bytes, { $0.objects.byteCount }, .right("BYTES", leaves: 2)) {
        ByteSize($0.objects.byteCount).description
      },
      Field(.ownedBytes, { $0.owned.byteCount }, .right("OWNED", leaves: 3)) {
        ByteSize($0.owned.byteCount).description
      },
      Field("owned_count", { $0.owned.count }),
      Field(.types, \.typeCount),
      Field(.language) { _ in language },
      Field(.right("ALL")) { ByteSize($0.byteCount).description },
      Field(.right("SHARE", leaves: 1)) {
        percentage(thousandths: total == 0 ? 0 : UInt64(Double($0.byteCount) / Double(total) * 1000))
      },
    ]
  }

  /// The cells of one more row, for the types behind the first ones.
  fileprivate func rest(behind count: Int) -> [[String]] {
    let rest = rows.dropFirst(count)
    guard !rest.isEmpty else { return [] }
    let objects = rest.reduce(into: HeapSummary.Sum()) { sum, row in
      sum.count &+= row.objects.count
      sum.byteCount &+= row.objects.byteCount
    }
    let owned = rest.reduce(0) { $0 &+ $1.owned.byteCount }
    let all = objects.byteCount &+ owned
    let share = total.byteCount == 0 ? 0 : UInt64(Double(all) / Double(total.byteCount) * 1000)
    return [
      [
        grouped(objects.count), ByteSize(objects.byteCount).description, ByteSize(owned).description,
        ByteSize(all).description, percentage(thousandths: share), "\(grouped(rest.count)) more types: see --top",
      ]
    ]
  }

  /// The members of the record of all objects of a runtime.
  static func members(of result: Result, _ language: Language) -> [Member] {
    var (found, refusal): (ObjectTypes?, String?) = (nil, nil)
    switch result {
    case .none: break
    case .refused(let reason): refusal = reason.text
    case .found(let objects): found = objects
    }
    return [
      Member(.language, language.rawValue), Member(.objects, found?.objects.count),
      Member(.bytes, found?.objects.byteCount), Member(.ownedBytes, found?.owned.byteCount),
      Member("spare_bytes", found?.spare.byteCount), Member("total_bytes", found?.total.byteCount),
      Member("named_thousandths", found?.namedThousandths),
      Member(.types, found?.rows.count), Member(.reason, refusal),
    ]
  }
}
