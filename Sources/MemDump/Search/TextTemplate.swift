/// The common form of texts that differ in numbers only: `event-17 user=4` and `event-9 user=123` are `event-# user=#`.
///
/// The rule, on bytes, from left to right:
/// 1. A UUID (hexadecimal digits in groups of 8, 4, 4, 4 and 12 with dashes between them, with no further hexadecimal digit
///    at either end) becomes `H`.
/// 2. Of what is left, a longest run of hexadecimal digits, of either case, becomes `H` if it has eight of them or more,
///    among them both a decimal digit and a letter. So `12345678` is a number, and `deadbeef` alone may be a word.
/// 3. Of what is left, a longest run of decimal digits becomes `#`, whatever stands next to it: `0x1f` is `#x#f`, `1.5` is
///    `#.#`, `-7` is `-#`.
/// 4. All else stays as it is.
public enum TextTemplate {
  /// The template of a text, which is never longer than the text.
  public static func template(of text: [UInt8]) -> [UInt8] {
    var template = [UInt8](repeating: 0, count: text.count)
    let (length, _) = unsafe ScanKernel.writeTemplate(text.span.bytes, to: &template)
    return Array(template[..<length])
  }
}

/// A buffer for one template after the other.
struct TemplateBuffer {
  /// The first size of the buffer, in bytes: as much as most texts need.
  private static let firstByteCount = 4096
  private var bytes: [UInt8] = []

  /// Gives `body` the template of a text, and the text as its example: an empty one where no other text has the template.
  mutating func withTemplate(of text: RawSpan, _ body: (_ template: RawSpan, _ example: RawSpan) -> Void) {
    if bytes.count < text.byteCount { bytes = Array(repeating: 0, count: max(Self.firstByteCount, text.byteCount)) }
    let (length, isOnly) = ScanKernel.writeTemplate(text, to: &bytes)
    unsafe body(bytes.span.bytes.extracting(first: length), isOnly ? RawSpan() : text)
  }
}
