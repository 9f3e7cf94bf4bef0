/// The frames of all calls that go on in a Python program, from 3.11 on: of others, which have returned, the same memory may still
/// have the variables.
struct PythonLiveFrames: Sendable {
  /// Where the words are that lead to the code of the frames.
  private let codes: Set<Address>

  /// The most frames of all threads.
  private static let most = 1 << 20

  /// Finds them; nil where not all of them are known.
  init?(
    _ source: any MemorySource, _ reader: inout PythonReader, _ words: inout WordCache
  ) throws(MemDumpError) {
    let found = try PythonThreads.find(in: source, libraries: PythonCalls.libraries)
    var stable = try WordCache(source, .jumps)
    guard let frames = try PythonFrames.vote(found, &reader, &stable, &words), frames.kind != .objects else {
      return nil
    }
    var codes: Set<Address> = []
    for thread in found where try frames.fits(thread, &reader, &stable, &words) {
      let calls = try frames.calls(of: thread, stack: nil, &reader, &stable, &words)
      guard calls.isWhole, codes.count + calls.frames.count <= Self.most else { return nil }
      for frame in calls.frames { codes.insert(frame + frames.codePlace) }
    }
    if codes.isEmpty { return nil }
    self.codes = codes
  }

  /// Whether the code of a call that goes on is told at a place.
  func contains(_ code: Address) -> Bool { codes.contains(code) }
}
