import MemDump

/// The report of `memdump heap --sites`.
struct SitesReport: Report {
  let result: GoAllocationSearch.Result
  let proof: LookProof?
  let limit: Int?

  /// The profile; nil where there is none.
  var profile: GoAllocationProfile? { if case .found(let profile) = result { profile } else { nil } }

  /// The number of frames of a site that people see.
  private static let shownFrameCount = 8

  private var absence: String {
    switch result {
    case .none: "There is no Go program here, or none of Go 1.16 or later."
    case .notKept: "No profile is kept: the program does not use runtime/pprof or net/http/pprof."
    case .refused(let reason): "The profile is not told: \(reason.text)."
    case .found: ""
    }
  }

  func describe(to page: inout some Rendering) throws {
    if let profile {
      for site in profile.sites.prefix(limit ?? .max) where site.usedByteCount > 0 {
        page.line(
          "\(ByteSize(site.usedByteCount)) in \(counted(site.usedCount, "object")), of \(ByteSize(site.allocatedByteCount)) "
            + "ever allocated")
        let frames = site.ownFrames
        for frame in frames.prefix(Self.shownFrameCount) { page.item(frame.label, end: frame.place) }
        if frames.count > Self.shownFrameCount { page.item("… \(grouped(frames.count - Self.shownFrameCount)) more") }
      }
      try page.table("allocation-site", profile.sites.prefix(limit ?? .max), Self.fields)
      page.fact(
        "in use",
        "\(ByteSize(profile.usedByteCount)) at \(counted(profile.sites.count, "site")), as of the last collection")
      page.fact(
        "sampled",
        "one in \(ByteSize(profile.rate))"
          + (profile.isRateKnown ? "" : ", as Go does where nobody changes it: the program's own rate is not known"))
    } else {
      page.line(absence, .strong)
    }
    if let note = proof?.choice.note { page.fact("mode", note) }
    if let proof { page.pause(of: proof) }
    if let shortfall = proof?.shortfall { page.fact("NOTE", shortfall) }
    if let warning = proof?.warning { page.fact("WARNING", warning) }
    page.record("summary", members)
  }

  private var members: [Member] {
    [
      Member("sites", profile?.sites.count),
      Member(.bytes, profile?.usedByteCount),
      Member("sampled_bytes", profile?.sampledByteCount),
      Member("sampling_rate", profile?.rate),
      Member("sampling_rate_known", profile?.isRateKnown),
      Member("absence", profile == nil ? absence : nil),
    ] + LookProof.members(of: [proof])
  }

  private static let fields: [Field<GoAllocationSite>] = [
    Field(.bytes, \.usedByteCount),
    Field(.count, \.usedCount),
    Field("allocated_bytes", \.allocatedByteCount),
    Field("allocated_count", \.allocatedCount),
    Field(.function) { $0.caller?.label },
    Field(.file) { $0.caller?.file.map { EscapedText($0).description } },
    Field(.line) { $0.caller?.line },
    Field(.frames) { site in site.frames.map { FieldValue.object(GoFrame.fields.members(of: $0)) } },
  ]
}

extension GoFrame {
  /// The name of the function, for people; its address without one.
  var label: String { name.map { EscapedText($0).description } ?? address.description }

  /// Where it is in the source code, for people: `  server.go:30`.
  var place: String {
    guard let file else { return "" }
    let last = EscapedText(Array(file.split(separator: UInt8(ascii: "/")).last ?? [])).description
    return "  \(last)" + (line.map { ":\($0)" } ?? "")
  }

  /// What programs get of a frame.
  static let fields: [Field<GoFrame>] = [
    Field(.address, \.address),
    Field(.function) { $0.name.map { EscapedText($0).description } },
    Field(.file) { $0.file.map { EscapedText($0).description } },
    Field(.line, \.line),
    Field(.inlined, \.isInlined),
    Field("internal", \.isInternal),
  ]
}
