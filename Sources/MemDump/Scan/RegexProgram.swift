#if Regex

  internal import CPCRE2
  internal import Synchronization

  /// A compiled regular expression; the only importer of CPCRE2. Wraps pcre2_compile(3), pcre2_jit_compile(3) and
  /// pcre2_match(3).
  ///
  /// All threads share the code; a workspace is lent to one search at a time.
  @safe final class RegexProgram: @unchecked Sendable {
    private let code: OpaquePointer
    private let idle = Mutex<[RegexWorkspace]>([])

    /// Compiles an expression that is matched byte for byte, with `^` and `$` at the borders of lines.
    init(_ expression: String, ignoringCase: Bool) throws(MemDumpError) {
      let options =
        PCRE2_NEVER_UTF | PCRE2_MULTILINE | PCRE2_USE_OFFSET_LIMIT | (ignoringCase ? PCRE2_CASELESS : 0)
      let context = unsafe pcre2_compile_context_create_8(nil)
      defer { unsafe pcre2_compile_context_free_8(context) }
      unsafe pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
      let text = Array(expression.utf8)
      var (error, offset): (CInt, Int) = (0, 0)
      guard let code = unsafe pcre2_compile_8(text, text.count, options, &error, &offset, context) else {
        throw MemDumpError(.expression(expression, offset: offset, Self.message(error)))
      }
      unsafe self.code = code
      // Where there is no compiler for this processor, or no memory may be made executable, the program is interpreted.
      _ = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
    }

    deinit {
      idle.withLock { for workspace in $0 { workspace.free() } }
      unsafe pcre2_code_free_8(code)
    }

    /// Lends a workspace; nil where there is no memory for one.
    func borrowWorkspace() -> RegexWorkspace? {
      unsafe idle.withLock { $0.popLast() } ?? RegexWorkspace(code)
    }

    /// Takes a workspace back.
    func giveBack(_ workspace: RegexWorkspace) { idle.withLock { $0.append(workspace) } }

    /// Looks for the first match that is not empty and begins in `from ... last`.
    func search(
      _ subject: RawSpan, from: Int, last: Int, borders: RegexBorders, with workspace: RegexWorkspace
    ) -> RegexOutcome {
      var options = PCRE2_NOTEMPTY
      if !borders.contains(.start) { options |= PCRE2_NOTBOL }
      if !borders.contains(.end) { options |= PCRE2_NOTEOL }
      unsafe pcre2_set_offset_limit_8(workspace.context, last)
      let result = unsafe subject.withUnsafeBytes { bytes in
        unsafe pcre2_match_8(
          code, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, from, options, workspace.matches,
          workspace.context)
      }
      guard result >= 0 else { return result == PCRE2_ERROR_NOMATCH ? .nothing : .undecided }
      let places = unsafe pcre2_get_ovector_pointer_8(workspace.matches)
      guard let (start, end) = unsafe places.map({ unsafe ($0[0], $0[1]) }), from <= start, start < end else {
        return .undecided
      }
      return .match(start..<end)
    }

    /// The name and version of the engine, and whether it compiles expressions for this processor.
    static let engine: String? = {
      var version = [UInt8](repeating: 0, count: 64)
      let count = pcre2_config_8(UInt32(PCRE2_CONFIG_VERSION), nil)
      guard count > 0, count <= version.count, unsafe pcre2_config_8(UInt32(PCRE2_CONFIG_VERSION), &version) > 0 else {
        return "PCRE2"
      }
      var compiles: UInt32 = 0
      _ = unsafe pcre2_config_8(UInt32(PCRE2_CONFIG_JIT), &compiles)
      // The version is followed by a blank and its date.
      let number = String(decoding: version.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }, as: UTF8.self)
      return "PCRE2 \(number)" + (compiles == 1 ? " with JIT" : "")
    }()

    private static func message(_ error: CInt) -> String {
      var buffer = [UInt8](repeating: 0, count: 256)
      let count = unsafe pcre2_get_error_message_8(error, &buffer, buffer.count)
      return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
    }
  }

  /// The memory that a search writes to, with the limits that bound the search.
  @safe struct RegexWorkspace: @unchecked Sendable {
    /// How often an attempt may go back. A search that goes over 64 KiB byte by byte has room.
    private static let matchLimit: UInt32 = 100_000
    private static let stackByteCount = 1 << 20
    /// The memory, in KiB, that the interpreter may use in place of a stack.
    private static let heapLimit: UInt32 = 20 << 10

    fileprivate let matches: OpaquePointer
    fileprivate let context: OpaquePointer
    private let stack: OpaquePointer?

    fileprivate init?(_ code: OpaquePointer) {
      guard let matches = unsafe pcre2_match_data_create_8(1, nil) else { return nil }
      guard let context = unsafe pcre2_match_context_create_8(nil) else {
        unsafe pcre2_match_data_free_8(matches)
        return nil
      }
      unsafe (self.matches, self.context) = (matches, context)
      unsafe stack = pcre2_jit_stack_create_8(32 << 10, Self.stackByteCount, nil)
      unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
      unsafe pcre2_set_match_limit_8(context, Self.matchLimit)
      unsafe pcre2_set_depth_limit_8(context, Self.matchLimit)
      unsafe pcre2_set_heap_limit_8(context, Self.heapLimit)
    }

    fileprivate func free() {
      unsafe pcre2_jit_stack_free_8(stack)
      unsafe pcre2_match_context_free_8(context)
      unsafe pcre2_match_data_free_8(matches)
    }
  }

#else

  /// A compiled regular expression, in a build without an engine for them: none can be made.
  struct RegexProgram {
    static let engine: String? = nil

    init(_ expression: String, ignoringCase: Bool) throws(MemDumpError) { throw MemDumpError(.noRegexEngine) }

    func borrowWorkspace() -> RegexWorkspace? { nil }
    func giveBack(_ workspace: RegexWorkspace) {}

    func search(
      _ subject: RawSpan, from: Int, last: Int, borders: RegexBorders, with workspace: RegexWorkspace
    ) -> RegexOutcome { .nothing }
  }

  /// The memory that a search writes to.
  struct RegexWorkspace {}

#endif

/// The borders of a subject at which memory ends, so that `^` and `$` match there.
struct RegexBorders: OptionSet {
  let rawValue: UInt8
  static let start = RegexBorders(rawValue: 1)
  static let end = RegexBorders(rawValue: 2)
}

/// The outcome of a search.
enum RegexOutcome: Equatable {
  /// The first match.
  case match(Range<Int>)
  /// There is no match.
  case nothing
  /// The search ran into a limit.
  case undecided
}
