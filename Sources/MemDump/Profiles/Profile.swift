/// A profile: amounts, each with the stack of frames that it belongs to. Programs that draw flame graphs and pprof(1) read
/// its two forms, ``FoldedStacks`` and ``PprofProfile``.
///
/// A frame is a function of a program, or any step of a hierarchy whose parts add up: a size of blocks, what holds them.
public struct Profile: Sendable {
  /// What the values of a kind measure, and in which unit.
  public struct SampleType: Hashable, Sendable {
    /// The name of what is measured, as users of pprof know it.
    public var name: String
    /// The unit: `bytes`, `count`, `nanoseconds`.
    public var unit: String

    /// Makes a type.
    public init(_ name: String, _ unit: String) { (self.name, self.unit) = (name, unit) }

    /// The bytes that are in use.
    public static let inuseSpace = SampleType("inuse_space", "bytes")
    /// The number of blocks in use.
    public static let inuseObjects = SampleType("inuse_objects", "count")
    /// The bytes that were handed out, whether they are in use still or not.
    public static let allocSpace = SampleType("alloc_space", "bytes")
    /// The number of blocks that were handed out.
    public static let allocObjects = SampleType("alloc_objects", "count")
    /// The number of times that a stack was seen.
    public static let samples = SampleType("samples", "count")
  }

  /// A mapping of a program or a library, to which the addresses of frames belong.
  public struct Mapping: Hashable, Sendable {
    /// The memory that is mapped.
    public var range: Range<Address>
    /// The offset in the file of the first byte that is mapped.
    public var fileOffset: UInt64
    /// The path of the file, as the memory map has it.
    public var path: [UInt8]
    /// The build-id of the file; nil where that is not known.
    public var buildID: [UInt8]?

    /// Makes a mapping.
    public init(range: Range<Address>, fileOffset: UInt64, path: [UInt8], buildID: [UInt8]? = nil) {
      (self.range, self.fileOffset, self.path, self.buildID) = (range, fileOffset, path, buildID)
    }
  }

  /// A frame of a stack.
  public struct Frame: Hashable, Sendable {
    /// The name for people, such as a demangled function. Writers escape what could break their form.
    public var name: String
    /// The symbol as the system knows it, such as a mangled name; nil where ``name`` says it all.
    public var systemName: String?
    /// Whether the name is that of a symbol, and not of a place that has none, for which another tool may know better.
    public var isSymbol = true
    /// The address in the code; nil for what is no code.
    public var address: Address?
    /// The mapping with the code, by its number in ``Profile/mappings``; nil for none.
    public var mapping: Int?
    /// The source file, where that is known.
    public var file: String?
    /// The line in the source file; 0 where that is not known.
    public var line: UInt64 = 0

    /// Makes a frame that is no code.
    public init(_ name: String) { self.name = name }
  }

  /// What else is known of a sample.
  public struct Label: Hashable, Sendable {
    /// The value of a label.
    public enum Value: Hashable, Sendable {
      case text(String)
      /// A number with its unit, such as `bytes`.
      case number(UInt64, unit: String)
    }

    /// The key: `class`, `content`, `arena`.
    public var key: String
    /// The value.
    public var value: Value

    /// Makes a label.
    public init(_ key: String, _ value: Value) { (self.key, self.value) = (key, value) }
  }

  /// A stack with its amounts.
  public struct Sample: Sendable {
    /// The frames, the outermost first.
    public var frames: [Frame]
    /// A value for each of ``Profile/types``.
    public var values: [UInt64]
    /// What else is known.
    public var labels: [Label]
  }

  /// What the values of each sample measure.
  public let types: [SampleType]
  /// The type to show first, by its number in ``types``.
  public let mainType: Int
  /// The mappings that frames belong to; the program's own first.
  public var mappings: [Mapping] = []
  /// The samples.
  public private(set) var samples: [Sample] = []
  /// Remarks on the profile as a whole.
  public var comments: [String] = []
  /// When the profile was taken, in nanoseconds since 1970; nil where that is not known.
  public var time: UInt64?

  /// Makes an empty profile.
  ///
  /// - Parameters:
  ///   - types: what values measure.
  ///   - mainType: the number of the type to show first, and the only one of folded stacks.
  public init(_ types: [SampleType], mainType: Int = 0) {
    precondition(types.indices.contains(mainType))
    (self.types, self.mainType) = (types, mainType)
  }

  /// Adds a sample.
  ///
  /// - Parameters:
  ///   - frames: the stack, the outermost frame first.
  ///   - values: a value for each of ``types``.
  ///   - labels: what else is known.
  public mutating func add(_ frames: [Frame], _ values: [UInt64], labels: [Label] = []) {
    precondition(values.count == types.count)
    samples.append(Sample(frames: frames, values: values, labels: labels))
  }

  /// The sum of the values of a type.
  public func total(ofType number: Int) -> UInt64 { samples.reduce(0) { $0 &+ $1.values[number] } }
}
