/// The name of a member of a record, as programs know it.
struct FieldName: ExpressibleByStringLiteral, Sendable {
  /// The text of the name.
  let text: StaticString

  init(stringLiteral text: StaticString) { self.text = text }
}

/// The names that records of several types have.
extension FieldName {
  static let absentBytes: FieldName = "absent_bytes"
  static let address: FieldName = "address"
  static let allocator: FieldName = "allocator"
  static let approximate: FieldName = "approximate"
  static let bytes: FieldName = "bytes"
  static let bytesScanned: FieldName = "bytes_scanned"
  static let count: FieldName = "count"
  static let elapsed: FieldName = "elapsed_ns"
  static let encoding: FieldName = "encoding"
  static let end: FieldName = "end"
  static let error: FieldName = "error"
  static let example: FieldName = "example"
  static let firstAddress: FieldName = "first_address"
  static let firstOffset: FieldName = "first_offset"
  static let format: FieldName = "format"
  static let kind: FieldName = "kind"
  static let mode: FieldName = "mode"
  static let name: FieldName = "name"
  static let number: FieldName = "number"
  static let offset: FieldName = "offset"
  static let open: FieldName = "open"
  static let otherAllocators: FieldName = "other_allocators"
  static let partial: FieldName = "partial"
  static let path: FieldName = "path"
  static let pattern: FieldName = "pattern"
  static let pause: FieldName = "pause_ns"
  static let pid: FieldName = "pid"
  static let pools: FieldName = "pools"
  static let readLiveBytes: FieldName = "read_live_bytes"
  static let regions: FieldName = "regions"
  static let resident: FieldName = "resident"
  static let residentAfter: FieldName = "resident_after"
  static let residentBefore: FieldName = "resident_before"
  static let role: FieldName = "role"
  static let sampled: FieldName = "sampled"
  static let size: FieldName = "size"
  static let start: FieldName = "start"
  static let stateAfter: FieldName = "state_after"
  static let stateBefore: FieldName = "state_before"
  static let subject: FieldName = "subject"
  static let swap: FieldName = "swap"
  static let text: FieldName = "text"
  static let threads: FieldName = "threads"
  static let traced: FieldName = "traced"
  static let tracerAfter: FieldName = "tracer_after"
  static let tracerBefore: FieldName = "tracer_before"
  static let unreadableBytes: FieldName = "unreadable_bytes"
  static let verified: FieldName = "verified"
}
