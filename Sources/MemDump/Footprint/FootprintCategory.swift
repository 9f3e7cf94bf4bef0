/// A category of memory: what it is for. Every mapped byte of a process is in one.
public struct FootprintCategory: Hashable, Sendable {
  /// The name of the category in JSON.
  public let name: String
  /// The name of the category for people.
  public let title: String

  init(_ name: String, _ title: String) { (self.name, self.title) = (name, title) }

  /// Code, constants and variables of the program and of libraries.
  public static let program = FootprintCategory("program", "program and libraries")
  /// The heap of an allocator.
  public static let heap = FootprintCategory("heap", "heap")
  /// The heap of the runtime of a language.
  public static let language = FootprintCategory("language", "heap of a language")
  /// The stacks of threads.
  public static let stack = FootprintCategory("stack", "stacks of threads")
  /// Memory that several processes may share and that is of no file on a disk.
  public static let shared = FootprintCategory("shared", "shared memory")
  /// Files that are mapped, and are no program.
  public static let file = FootprintCategory("file", "files")
  /// Anonymous memory that the program gave a name to (PR_SET_VMA_ANON_NAME).
  public static let named = FootprintCategory("named", "named by the program")
  /// Memory of devices.
  public static let device = FootprintCategory("device", "devices")
  /// Memory that the kernel maps by itself.
  public static let kernel = FootprintCategory("kernel", "of the kernel")
  /// Addresses that are set aside and cannot be used as they are (PROT_NONE).
  public static let reserved = FootprintCategory("reserved", "set aside")
  /// Anonymous memory of which nothing is known.
  public static let unexplained = FootprintCategory("unexplained", "not explained")

  /// Every category, a line each.
  public static let all: [FootprintCategory] = [
    program, heap, language, stack, shared, file, named, device, kernel, reserved, unexplained,
  ]
}

/// What a stretch of memory is for: a category, whose it is, and which part of that.
public struct FootprintUse: Hashable, Sendable {
  /// The category.
  public var category: FootprintCategory
  /// The name of the allocator, the language or the mapping, safe to print; nil where the category says it all.
  public var owner: String?
  /// The part, in a few words; nil where there are no parts.
  public var part: String?

  /// Makes a use.
  public init(_ category: FootprintCategory, of owner: String? = nil, part: String? = nil) {
    (self.category, self.owner, self.part) = (category, owner, part)
  }

  /// The same without its part.
  public var whole: FootprintUse { FootprintUse(category, of: owner) }
}

extension FootprintUse: StretchContent {}
