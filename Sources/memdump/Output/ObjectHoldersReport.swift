import MemDump

/// The report of `memdump refs --type`.
struct ObjectHoldersReport: Report {
  /// What a search for the holders of a type comes to.
  enum Answer {
    case holders(ObjectHolders)
    /// No type has the name: those that come near.
    case unknown([[UInt8]])
    case several([[UInt8]])
    case none
    case refused(Phrase)
  }

  /// The name that was asked for.
  let name: [UInt8]
  var answer: Answer
  /// The runtime whose objects were looked at; nil where none is there.
  var language: ObjectTypes.Language? = .python
  var hasStacks = false
  var proof: LookProof?
  var limit: Int?
  /// The time that the command took, in nanoseconds.
  var elapsed: UInt64 = 0

  /// The holders that were found.
  var holders: ObjectHolders? { if case .holders(let holders) = answer { holders } else { nil } }

  private var subject: String { EscapedText(holders?.name ?? name).description }
  /// The name in a sentence.
  private var quoted: String { name.isEmpty ? "\"\"" : subject }

  func describe(to page: inout some Rendering) throws {
    if let holders {
      page.line(Self.heading(holders), .strong)
      let rows = holders.rows.prefix(limit ?? .max)
      try page.table("object-holder", rows, Self.fields(of: holders), more: Self.rest(of: holders, behind: rows))
      if let note = proof?.choice.note { page.fact("mode", note) }
      if let proof { page.pause(of: proof) }
      page.note(
        "\(grouped(holders.traced)) of \(grouped(holders.sampled)) traced. What holds an object can reach it; whether it "
          + "should, memory does not tell.")
      if !hasStacks, language == .python {
        page.note("no registers of threads were read, so stacks of C were not looked at")
      }
    } else {
      page.line(absence, .strong)
    }
    if let shortfall = proof?.shortfall { page.note(shortfall) }
    if let warning = proof?.warning { page.note("WARNING: \(warning)") }
    page.next(holders.map { $0.traced > 0 } == true ? NextStep("watch", proof?.process.id.description) : nil)
    page.record("summary", members)
  }

  private static func heading(_ holders: ObjectHolders) -> String {
    "\(EscapedText(holders.name)): \(counted(holders.objects.count, "object")), \(ByteSize(holders.objects.byteCount)), "
      + "and \(ByteSize(holders.owned.byteCount)) of theirs; \(grouped(holders.sampled)) sampled"
  }

  private var absence: String {
    func list(_ names: [[UInt8]]) -> String {
      names.prefix(8).map { EscapedText($0).description }.joined(separator: ", ")
        + (names.count > 8 ? " and \(grouped(names.count - 8)) more" : "")
    }
    switch answer {
    case .none:
      let titles = ObjectTypes.Language.allCases.filter(\.hasHolders).map(\.title)
      return "There are no objects of \(titles.dropLast().joined(separator: ", ")) or \(titles.last ?? "") here."
    case .refused(let reason): return "The objects of \(language?.title ?? "") are not told: \(reason.text)."
    case .several(let names): return "Several types are called \(quoted): \(list(names)). Say which."
    case .unknown(let names):
      return "No type that has objects is called \(quoted)."
        + (names.isEmpty ? "" : " Those of most bytes: \(list(names)).")
    case .holders: return ""
    }
  }

  /// The cells of rows for objects that no way that is shown leads to.
  private static func rest(
    of holders: ObjectHolders, behind rows: some Collection<ObjectHolders.Row>
  ) -> [[String]] {
    let hidden = holders.traced - rows.reduce(0) { $0 + $1.count }
    let lost = holders.sampled - holders.traced
    return [
      (hidden, "other ways: see --top"), (holders.notFollowed, "not followed to the end"),
      (lost - holders.notFollowed, "no holder was found"),
    ].filter { $0.0 > 0 }.map { count, text in [grouped(count), share(count, of: holders), text] }
  }

  /// A share of the objects that were sampled.
  static func share(_ count: Int, of holders: ObjectHolders) -> String {
    percentage(thousandths: UInt64(Double(count) / Double(max(1, holders.sampled)) * 1000))
  }

  /// The fields of a way.
  static func fields(of holders: ObjectHolders) -> [Field<ObjectHolders.Row>] {
    let subject = EscapedText(holders.name).description
    return [
      Field(.subject) { _ in subject },
      Field(.kind, \.kind.rawValue),
      Field(.holder, \.end),
      Field(.name, \.name),
      Field(.steps, \.steps),
      Field(.count, \.count, .right("OBJECTS")) { grouped($0.count) },
      Field(.right("SHARE", leaves: 1)) { share($0.count, of: holders) },
      Field(.left("HELD BY", overflow: .wrapped), cell: \.text),
      Field(.example, \.example),
    ]
  }

  private var members: [Member] {
    let (reason, names): (String?, [[UInt8]]) =
      switch answer {
      case .refused(let phrase): (phrase.text, [])
      case .several(let names), .unknown(let names): (absence, names)
      case .none: (absence, [])
      case .holders: (nil, [])
      }
    return [
      Member(.subject, subject),
      Member(.objects, holders?.objects.count),
      Member(.bytes, holders?.objects.byteCount),
      Member(.ownedBytes, holders?.owned.byteCount),
      Member(.sampled, holders?.sampled),
      Member(.traced, holders?.traced),
      Member(.holders, holders?.rows.count),
      Member(.notFollowed, holders?.notFollowed),
      Member(.stacks, hasStacks),
      Member(.reason, reason),
      Member(.types, names.map { EscapedText($0).description }),
    ] + LookProof.members(of: [proof]) + [Member(.elapsed, elapsed)]
  }
}
