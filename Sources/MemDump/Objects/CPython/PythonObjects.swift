/// The objects of a Python program by type: those that its collector knows, and those that it does not, such as texts and numbers.
enum PythonObjects {
  /// The least share of the bytes of pymalloc that has to be named, in thousandths: with another layout it is next to nothing,
  /// and what C keeps there is little.
  static let leastThousandths: UInt64 = 800

  /// See ``ObjectTypes/find(in:heaps:process:control:)``.
  static func find(
    in source: any MemorySource, heaps: Heaps, process: TargetProcess?, control: WorkControl = WorkControl()
  ) throws(MemDumpError) -> ObjectTypes.Result {
    guard var census = try PythonCensus.take(source, heaps, process, control) else { return .none }
    if let refusal = census.refusal { return .refused(refusal) }
    return .found(try ObjectTypes(&census, source))
  }
}

extension ObjectTypes {
  init(_ census: inout PythonCensus, _ source: any MemorySource) throws(MemDumpError) {
    var words = try WordCache(source, .jumps)
    var rows: [[UInt8]: Row] = [:]
    for number in census.tallies.indices {
      let (tallied, theirs) = (census.tallies[number].objects, census.tallies[number].owned)
      guard tallied.count > 0 else { continue }
      let name = try census.name(of: number, &words)
      var row = rows[name] ?? Row(name: name, typeCount: 0)
      row.objects.add(tallied)
      row.owned.add(theirs)
      row.typeCount += 1
      rows[name] = row
    }
    self.init(.python, rows.values, spare: census.spare, of: census.total)
  }
}

extension PythonCensus {
  /// Why the census is not believed; nil where it is.
  var refusal: Phrase? {
    guard reader.types.root != nil else {
      return "no type was found that is its own type, as `type` is; of a core, its program may be missing"
    }
    let share = ObjectTypes.thousandths(pooled.named.byteCount, of: pooled.total.byteCount)
    guard share < PythonObjects.leastThousandths else { return nil }
    return """
      of \(bytes: pooled.total.byteCount) in use of pymalloc, \(bytes: pooled.named.byteCount) are objects and what is theirs, \
      and four fifths are expected
      """
  }
}
