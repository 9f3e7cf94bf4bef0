/// The rules for what goes without saying in names of the standard library.
extension ItaniumRenderer {
  /// How many arguments of each template must be given; the others have defaults.
  private static let givenCounts: [String: Int] = {
    var counts = ["map": 2, "multimap": 2, "unordered_map": 2, "unordered_multimap": 2]
    for name in [
      "vector", "deque", "list", "forward_list", "set", "multiset", "unordered_set", "unordered_multiset", "unique_ptr",
      "basic_string", "basic_string_view", "basic_streambuf", "basic_filebuf", "basic_stringbuf", "basic_ios",
      "basic_istream", "basic_ostream", "basic_iostream", "basic_ifstream", "basic_ofstream", "basic_fstream",
      "basic_istringstream", "basic_ostringstream", "basic_stringstream",
    ] {
      counts[name] = 1
    }
    return counts
  }()

  /// Class templates of default arguments, which take the first argument of the container.
  private static let usual: Set = ["char_traits", "less", "hash", "equal_to", "default_delete"]
  private static let inlineNamespaces: Set = ["__cxx11", "__1", "_V2", "__ndk1"]

  mutating func renderSpecialised(_ name: ID, _ arguments: [ID]) throws(DemanglingFailure) {
    guard isBrief, let standard = try standardName(name), let given = Self.givenCounts[standard], given > 0 else {
      try render(name)
      return try renderArguments(arguments)
    }
    var arguments = arguments[...]
    while arguments.count > given, let first = arguments.first, let last = arguments.last,
      try isUsual(last, of: first)
    {
      arguments.removeLast()
    }
    if standard.hasPrefix("basic_"), arguments.count == 1, let first = arguments.first,
      case .name(let character) = nodes[try resolved(first)]
    {
      // std::basic_string<char> is std::string, and so on.
      let prefix: StaticString? =
        character.elementsEqual("char".utf8) ? "std::" : character.elementsEqual("wchar_t".utf8) ? "std::w" : nil
      if let prefix {
        try write(prefix)
        return try write(standard.dropFirst("basic_".count).utf8)
      }
    }
    try render(name)
    try renderArguments(arguments)
  }

  /// The last part of a name in `std`; nil for other names.
  private mutating func standardName(_ id: ID) throws(DemanglingFailure) -> String? {
    switch nodes[try resolved(id)] {
    case .qualified(let scope, let name): isStandard(scope) ? word(name) : nil
    case .standard(let standard): standard.name.description
    default: nil
    }
  }

  private mutating func isUsual(_ argument: ID, of first: ID) throws(DemanglingFailure) -> Bool {
    guard case .specialised(let name, let arguments) = nodes[try resolved(argument)], arguments.count == 1,
      let standard = try standardName(name)
    else { return false }
    if standard == "allocator" { return true }
    guard Self.usual.contains(standard) else { return false }
    return try isSame(arguments[0], first)
  }

  /// Whether two types are the same; at times false for the same type written in two ways.
  private mutating func isSame(_ first: ID, _ second: ID) throws(DemanglingFailure) -> Bool {
    try budget.enter()
    defer { budget.leave() }
    let (first, second) = (try resolved(first), try resolved(second))
    if first == second { return true }
    switch (nodes[first], nodes[second]) {
    case (.name(let one), .name(let other)): return one == other
    case (.standard(let one), .standard(let other)): return one == other
    case (.pointer(let one), .pointer(let other)): return try isSame(one, other)
    case (.qualified(let scope, let name), .qualified(let otherScope, let otherName)):
      guard try isSame(name, otherName) else { return false }
      return try isSame(scope, otherScope)
    case (.specialised(let name, let arguments), .specialised(let otherName, let otherArguments)):
      guard arguments.count == otherArguments.count, try isSame(name, otherName) else { return false }
      for (one, other) in zip(arguments, otherArguments) where try !isSame(one, other) { return false }
      return true
    default: return false
    }
  }

  /// Whether a scope is `std`, or an inline namespace of `std`.
  func isStandard(_ id: ID) -> Bool {
    switch nodes[id] {
    case .name(let name): name.elementsEqual("std".utf8)
    case .qualified(let scope, let name):
      if case .name(let outer) = nodes[scope] {
        isInlineNamespace(name) && outer.elementsEqual("std".utf8)
      } else {
        false
      }
    default: false
    }
  }

  /// Whether the ABI tag of a name is that of all programs since GCC 5.
  func isUsualTag(_ tag: [UInt8]) -> Bool { tag.elementsEqual("cxx11".utf8) }

  func isInlineNamespace(_ id: ID) -> Bool { word(id).map(Self.inlineNamespaces.contains) ?? false }

  private func word(_ id: ID) -> String? {
    if case .name(let name) = nodes[id] { String(decoding: name, as: UTF8.self) } else { nil }
  }
}
