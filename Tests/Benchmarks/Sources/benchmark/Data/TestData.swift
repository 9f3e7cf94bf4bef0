import Foundation

/// The files that are scanned.
enum TestData: String, CaseIterable {
  case realistic, random, adversarial, dense, zeros

  /// A file, made and in the page cache.
  struct File {
    let path: String
    let byteCount: UInt64
    /// What is in it.
    let summary: String
  }

  func make(_ options: Options, _ workspace: Workspace) throws -> File {
    let count = Int(options.fileSize)
    let path = "\(workspace.directory)/\(rawValue)"
    let summary: String
    let bytes: [UInt8]
    switch self {
    case .random:
      (bytes, summary) = (Self.random(count), "random bytes")
    case .adversarial:
      (bytes, summary) = (AdversarialText.make(count), AdversarialText.summary)
    case .dense:
      (bytes, summary) = (AdversarialText.makeDense(count), AdversarialText.denseSummary)
    case .zeros:
      (bytes, summary) = ([UInt8](repeating: 0, count: count), "zero bytes, written, no holes")
    case .realistic:
      let memory = try RealisticMemory.collect(workspace)
      guard !memory.bytes.isEmpty else { throw Failure("there is no program to take realistic memory from") }
      (bytes, summary) = (Self.repeated(memory.bytes, count), "memory of \(memory.summary), repeated")
    }
    guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
      throw Failure("cannot write \(path)")
    }
    sync()
    return File(path: path, byteCount: UInt64(count), summary: summary)
  }

  private static func random(_ count: Int) -> [UInt8] {
    var generator = SeededGenerator()
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.withUnsafeMutableBytes { buffer in
      for offset in stride(from: 0, to: count & ~7, by: 8) {
        buffer.storeBytes(of: generator.next(), toByteOffset: offset, as: UInt64.self)
      }
    }
    return bytes
  }

  private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count + bytes.count)
    while result.count < count { result += bytes }
    return Array(result.prefix(count))
  }
}

/// SplitMix64, so that every run has the same data.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
