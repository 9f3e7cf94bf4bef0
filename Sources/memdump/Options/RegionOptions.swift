import ArgumentParser
import MemDump

/// The options that choose regions by what they are.
struct RegionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only regions of this size or more, such as 10M.", valueName: "size"))
  var minSize: ByteSize?

  @Option(help: "Only regions of this kind; may be given several times.")
  var kind: [RegionKind] = []

  @Option(help: ArgumentHelp("Only regions with all of these permissions, such as rw or rwp.", valueName: "letters"))
  var perm: String?

  func validate() throws {
    if let perm, !perm.allSatisfy({ "rwxps-".contains($0) }) {
      throw ValidationError("'\(EscapedText(perm.utf8))' is not a set of permissions: use letters of rwxps.")
    }
  }

  /// Whether one of them is given, even one that lets everything pass.
  var areGiven: Bool { minSize != nil || !kind.isEmpty || perm != nil }

  /// The options as a filter.
  var filter: RegionFilter {
    var filter = RegionFilter()
    (filter.minimumByteCount, filter.kinds, filter.permissions) = (minSize?.byteCount ?? 0, kind, perm ?? "")
    return filter
  }
}
