extension Manifest {
  /// The fields of a manifest, in order: to write and to read one goes over this list.
  static let fields: [JSONField<Manifest>] = [
    JSONField("type", always: "manifest", .text),
    JSONField("version", always: version, .number),
    JSONField("format", \.format, .word, .wellFormed),
    JSONField("tool", \.tool, .text(behind: "memdump ")),
    JSONField("pid", \.process, .number),
    JSONField("name", \.name, .printable),
    JSONField("command_line", \.commandLine, .list(ofAll: .printable)),
    JSONField("executable", \.executable, .printable),
    JSONField("start_time_ticks", \.startTime, .number),
    JSONField("taken_at", \.takenAt, .number),
    JSONField("mode", \.mode, .text),
    JSONField("pause_ns", \.pause, .number),
    JSONField("read_from_us", .number, of: \.instants.lowerBound) { manifest, instant in
      manifest.begin(at: instant)
      return true
    },
    JSONField("read_to_us", .number, of: \.instants.upperBound) { manifest, instant in
      manifest.end(at: instant)
      return true
    },
    // Older versions wrote nanoseconds, which a reader of JSON may round.
    JSONField<Manifest>(reading: "read_from_ns", JSONForm<UInt64>.number) { $0.begin(at: $1 / 1000) },
    JSONField<Manifest>(reading: "read_to_ns", JSONForm<UInt64>.number) { $0.end(at: $1 / 1000) },
    JSONField("registers", \.registers, .word),
    JSONField("threads_without_registers", \.threadsWithoutRegisters, .list(ofAll: .thread)),
    JSONField("sha256", \.digest, .textOrNull),
    JSONField("base", \.base, .address, .required),
    JSONField("bytes", \.byteCount, .number, .required),
    JSONField("regions", \.regions, .list(.region), .required),
    JSONField("holes", \.holes, .list(.hole), .required),
    JSONField("read_live", \.readLive, .list(ofAll: .range)),
    JSONField("read_in_stop", \.readInStop, .list(ofAll: .range)),
    JSONField("read_from_child", \.readFromChild, .list(ofAll: .range)),
  ]

  private mutating func begin(at instant: UInt64) { instants = instant...max(instant, instants.upperBound) }

  private mutating func end(at instant: UInt64) {
    instants = instants.lowerBound...max(instants.lowerBound, instant)
  }

  /// The JSON text of the manifest.
  public var text: [UInt8] {
    var writer = JSONWriter()
    writer.object { object in for field in Self.fields { field.write(self, &object) } }
    writer.endLine()
    return writer.bytes
  }

  /// Reads the JSON text of a manifest; nil where the manifest is of another version, or contradicts itself.
  public init?(parsing bytes: [UInt8]) {
    guard let value = JSONValue(parsing: bytes) else { return nil }
    self.init()
    for field in Self.fields where !field.read(&self, value) { return nil }
    for index in regions.indices { regions[index].number = index + 1 }
    guard isConsistent else { return nil }
  }

  /// Whether regions and holes lie inside the dump, in order.
  private var isConsistent: Bool {
    guard !base.rawValue.addingReportingOverflow(byteCount).overflow else { return false }
    // A core has the addresses of all of its segments, a raw dump those of its bytes.
    let whole = format.holdsOneRange ? Range(start: base, byteCount: byteCount) : Address(0)..<Address(.max)
    func areInOrder(_ ranges: [Range<Address>]) -> Bool {
      ranges.allSatisfy { $0.clamped(to: whole) == $0 }
        && zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
    }
    return areInOrder(regions.map(\.range)) && areInOrder(holes.map(\.range))
  }
}

extension JSONForm<Range<Address>> {
  fileprivate static let range = object(JSONField.bounds(\.self), from: Address(0)..<Address(0))
}

extension JSONForm<ThreadID> {
  fileprivate static let thread = JSONForm(
    write: { $1.value($0.rawValue) },
    read: { $0.number.flatMap(Int32.init(exactly:)).flatMap(ThreadID.init(rawValue:)) })
}

extension JSONForm<MemoryRegion> {
  fileprivate static let region = object(
    JSONField.bounds(\.range) + [
      JSONField("permissions", \.permissions, .letters),
      JSONField("kind", \.kind, .word),
      JSONField("path", \.name, .name),
    ],
    from: MemoryRegion(
      number: 0, range: Address(0)..<Address(0), permissions: [], fileOffset: 0, inode: 0, name: [], kind: .anonymous,
      usage: nil, deviceNumber: 0))
}

extension JSONForm<Manifest.Hole> {
  fileprivate static let hole = object(
    JSONField.bounds(\.range) + [
      JSONField("reason", \.reason, .printable, .required),
      JSONField("errno", \.errno, .numberOrNull),
    ],
    from: Manifest.Hole(range: Address(0)..<Address(0), reason: "", errno: nil))
}

extension JSONForm<MemoryRegion.Permissions> {
  /// The permissions as letters of /proc/PID/maps.
  fileprivate static let letters = JSONForm(
    write: { $1.value($0.description) },
    read: { value in
      let letters = value.string ?? ""
      var permissions: MemoryRegion.Permissions = []
      if letters.contains("r") { permissions.insert(.read) }
      if letters.contains("w") { permissions.insert(.write) }
      if letters.contains("x") { permissions.insert(.execute) }
      if letters.contains("s") { permissions.insert(.shared) }
      return permissions
    })
}

extension JSONForm<String> {
  /// A text that is safe to print, whoever wrote the manifest.
  fileprivate static let printable = JSONForm(
    write: { $1.value($0) }, read: { $0.string.map { EscapedText(EscapedText.bytes(of: $0)).description } })
}

extension JSONForm<[UInt8]> {
  /// The name of a region, escaped; null for none.
  fileprivate static let name = JSONForm(
    write: { $1.value($0.isEmpty ? nil : EscapedText($0).description) },
    read: { $0.string.map { EscapedText.bytes(of: $0) } })
}
