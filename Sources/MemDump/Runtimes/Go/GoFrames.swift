/// The frames of a Go program by its own tables, which every program has, also one without symbols.
final class GoFrames: RuntimeFrames {
  private var functions: GoFunctionTable
  /// The last part of the program's path.
  let module: [UInt8]

  /// Reads the tables; nil where the program is none of Go, or they do not agree with themselves.
  ///
  /// - Parameters:
  ///   - source: the memory, with addresses.
  ///   - process: the process, where it still runs.
  init?(_ source: any MemorySource, process: TargetProcess?) throws(MemDumpError) {
    guard let image = GoImage(of: source) else { return nil }
    var words = try WordCache(source, .walk)
    var code = try GoCode(source, image, process: process)
    guard let module = try GoModule.find(in: image, &words, &code),
      let functions = try GoFunctionTable(module, code)
    else { return nil }
    self.functions = functions
    self.module = Array(image.first.fileName)
  }

  /// The code of a function; nil where there is none of that name.
  func code(of name: [UInt8]) throws(MemDumpError) -> Range<Address>? {
    for entry in functions.entries where try functions.name(at: entry) == name {
      return functions.function(at: entry).map { Address($0.entry)..<Address(max($0.entry, $0.end)) }
    }
    return nil
  }

  /// See ``RuntimeFrames/row(at:)``.
  func row(at instruction: Address) -> FrameRow? {
    guard let depth = try? functions.depth(at: instruction.rawValue) else { return nil }
    return FrameRow(depth: depth.byteCount, isRoot: depth.isRoot)
  }

  /// See ``RuntimeFrames/names(of:)``.
  func names(of frame: ThreadStack.Frame) -> [StackNames.Name] {
    let isCall = frame.instruction != frame.address
    let frames = (try? functions.frames(at: frame.address.rawValue, isCall: isCall)) ?? []
    guard let last = frames.last, last.name != nil else { return [] }
    let entry = functions.function(at: frame.instruction.rawValue)?.entry
    return frames.map { call in
      StackNames.Name(
        module: module, symbol: call.name, offset: call.isInlined ? nil : entry.map { frame.address.rawValue &- $0 },
        file: call.file, line: call.line, isInlined: call.isInlined)
    }
  }
}
