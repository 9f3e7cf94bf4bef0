import MemDump
import SystemPackage

/// What `memdump verify` found.
struct VerifyReport {
  private let verification: Verification
  private let path: String

  init(_ verification: Verification, path: FilePath) {
    (self.verification, self.path) = (verification, EscapedText(path.string.utf8).description)
  }

  /// Lines for people.
  var text: String {
    let manifest = verification.manifest
    var lines = [
      "\(path): \(manifest.format.rawValue) dump of \(manifest.process) (\(EscapedText(manifest.name.utf8)))"
    ]
    for check in verification.checks {
      let (word, detail) = Self.words(check.outcome)
      lines.append("  \(check.name)\(String(repeating: " ", count: 10 - check.name.count))\(word): \(detail)")
    }
    lines.append(verification.isGood ? "It is as it was written." : "It is NOT as it was written.")
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line of type `verify`.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { object in
      object.member("type", "verify")
      object.member("path", path)
      object.member("ok", verification.isGood)
      object.member("format", verification.manifest.format.rawValue)
      object.member("pid", verification.manifest.process)
      object.member("bytes", verification.manifest.byteCount)
      object.member("checks") { list in
        list.array { array in
          for check in verification.checks {
            let (word, detail) = Self.words(check.outcome)
            array.object {
              $0.member("name", check.name)
              $0.member("outcome", word)
              $0.member("detail", detail)
            }
          }
        }
      }
    }
    writer.endLine()
    return writer.bytes
  }

  private static func words(_ outcome: Verification.Outcome) -> (String, String) {
    switch outcome {
    case .holds(let detail): ("ok", detail)
    case .fails(let detail): ("WRONG", detail)
    case .skipped(let detail): ("not checked", detail)
    }
  }
}
