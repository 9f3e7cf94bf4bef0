import MemDump
import SystemPackage

/// The report of `memdump verify`.
struct VerifyReport: Report {
  let verification: Verification
  let path: FilePath

  func describe(to page: inout some Rendering) {
    let manifest = verification.manifest
    let path = EscapedText(path.string.utf8).description
    page.line("\(path): \(manifest.format.rawValue) dump of \(manifest.process) (\(manifest.name))")
    var checks: [FieldValue] = []
    for check in verification.checks {
      let (word, detail) = Self.words(check.outcome)
      page.fact(check.name, "\(word): \(detail)", check.outcome.isFailure ? .wrong : nil)
      checks.append(.object([Member(.name, check.name), Member("outcome", word), Member("detail", detail)]))
    }
    let isGood = verification.isGood
    page.line(isGood ? "It is as it was written." : "It is NOT as it was written.", isGood ? .strong : .wrong)
    if isGood { page.next(NextStep("scan", NextStep.word(for: self.path.string))) }
    page.record(
      "verify",
      [
        Member(.path, path),
        Member("ok", isGood),
        Member(.format, manifest.format.rawValue),
        Member(.pid, manifest.process),
        Member(.bytes, manifest.byteCount),
        Member("checks", checks),
      ])
  }

  private static func words(_ outcome: Verification.Outcome) -> (String, String) {
    switch outcome {
    case .holds(let detail): ("ok", detail)
    case .fails(let detail): ("WRONG", detail)
    case .skipped(let detail): ("not checked", detail)
    }
  }
}

extension Verification.Outcome {
  fileprivate var isFailure: Bool { if case .fails = self { true } else { false } }
}
