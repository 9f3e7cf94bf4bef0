import MemDumpTestSupport

extension Tool.Result {
  /// Output with what differs from run to run replaced: addresses, process numbers, times, and given texts.
  static func scrubbed(_ text: String, _ replacements: [(String, String)] = []) -> String {
    var text = text
    for (old, new) in replacements { text = text.replacing(old, with: new) }
    text = text.replacing(#/0x[0-9a-f]+/#, with: "0xADDRESS")
    text = text.replacing(#/[0-9.]+ (?:ns|µs|ms|s) \([0-9.]+ [GM]B\/s\)/#, with: "TIME (RATE)")
    return text
  }

  /// Standard output, scrubbed.
  func output(_ replacements: (String, String)...) -> String { Self.scrubbed(text, replacements) }

  /// Standard error, scrubbed.
  func errorOutput(_ replacements: (String, String)...) -> String { Self.scrubbed(errorText, replacements) }
}

/// Memory with two endpoints, one of them twice.
let sampleBytes = Array("\0\0\0\010.1.2.3:8080\0\010.1.2.4:9090 10.1.2.3:8080\0".utf8)

/// Whether a file holds these bytes: a test that fails prints no megabytes.
func holds(_ path: String, _ bytes: [UInt8]) -> Bool { fileBytes(path) == bytes }
