/// A node of a name that the Itanium C++ ABI mangled. Nodes name each other by number; several may share a child.
enum ItaniumNode {
  typealias ID = Int

  /// An element of `parts`.
  enum Part {
    case text(StaticString)
    case bytes([UInt8])
    case node(ID)
    /// Nodes separated by commas; an empty pack leaves no comma.
    case list([ID])
    /// An operand, in parentheses unless the operand is a name.
    case operand(ID)
  }

  /// Text and nodes, one after the other.
  case parts([Part])
  /// An identifier, or a type of one word.
  case name([UInt8])
  /// A name with a mark of its version: `name[abi:cxx11]`.
  case tagged(ID, [UInt8])
  /// `first::second`.
  case qualified(ID, ID)
  /// `name<arguments>`.
  case specialised(ID, [ID])
  /// The constructor or the destructor of a class.
  case lifetime(ID, isEnd: Bool)
  /// `std::string` and the like, which have a name of two letters.
  case standard(ItaniumStandard)
  /// A function with its parameters.
  case function(ID, parameters: [ID], suffix: [Part])

  /// A pointer, which a declarator puts in the middle: `int (*)[3]` is a pointer to `int [3]`.
  case pointer(ID)
  case reference(ID, isRvalue: Bool)
  case memberPointer(ID, of: ID)
  case array(ID, count: ID?)
  case functionType(result: ID, parameters: [ID], suffix: [Part])
  /// A type with ` const` and the like behind it.
  case annotated(ID, [Part])

  /// Arguments that fill one parameter of a template, where they stand as arguments.
  case argumentPack([ID])
  /// The arguments of a pack where the parameter is referred to: one at a time, as the expansion around it says.
  case parameterPack([ID])
  case expansion(ID)
  /// A template parameter by number, and the node of its argument: nil until the arguments are known, which come behind
  /// the name of a conversion operator.
  case parameter(Int, ID?)
  /// The parameter of a generic lambda by its number: `auto:1`.
  case lambdaParameter(Int)
}

/// The abbreviations of the standard library's types.
enum ItaniumStandard: UInt8 {
  case allocator = 0x61
  case basicString = 0x62
  case string = 0x73
  case inputStream = 0x69
  case outputStream = 0x6f
  case inputOutputStream = 0x64

  /// The name of the type in `std`.
  var name: StaticString {
    switch self {
    case .allocator: "allocator"
    case .basicString: "basic_string"
    case .string: "string"
    case .inputStream: "istream"
    case .outputStream: "ostream"
    case .inputOutputStream: "iostream"
    }
  }

  /// The class that the abbreviation stands for, whose name the constructors have.
  var className: StaticString {
    switch self {
    case .allocator, .basicString: name
    case .string: "basic_string"
    case .inputStream: "basic_istream"
    case .outputStream: "basic_ostream"
    case .inputOutputStream: "basic_iostream"
    }
  }
}

/// Why a name stays mangled.
enum DemanglingFailure: Error {
  /// The symbol is no mangled name, or not understood.
  case malformed
  /// The name takes more work, depth or room than real names do.
  case excessive
}

/// The work and the depth that one name has cost, with limits for both; see ``SymbolName``.
struct DemanglingBudget {
  static let mostSteps = 1 << 16
  /// None of 390,000 names in real programs is nested more than 48 levels deep. So a stack of 512 KiB is enough.
  static let mostDepth = 64

  private var steps = 0
  private var depth = 0

  /// Counts a step of work.
  mutating func step() throws(DemanglingFailure) {
    steps += 1
    guard steps <= Self.mostSteps else { throw .excessive }
  }

  /// Counts a step one level further down; ``leave()`` goes back up.
  mutating func enter() throws(DemanglingFailure) {
    try step()
    depth += 1
    guard depth <= Self.mostDepth else { throw .excessive }
  }

  mutating func leave() { depth -= 1 }
}
