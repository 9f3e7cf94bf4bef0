/// The description of an allocator in a process: facts for programs, and how people read them.
public struct AllocatorDescription: Sendable {
  /// A line of a description, for people.
  public struct Line: Sendable {
    /// The subject of the line, in a word.
    public var label: String
    /// The text of the line.
    public var text: Phrase

    /// Makes a line.
    public init(_ label: String, _ text: Phrase) { (self.label, self.text) = (label, text) }
  }

  /// The facts for programs.
  public var facts: [AllocatorFact] = []
  /// The words that people read behind the memory in use; nil for none.
  public var used: Phrase?
  /// The words that people read behind the free memory: where it is kept; nil for none.
  public var free: Phrase?
  /// Further lines for people.
  public var lines: [Line] = []
  /// The parts of the heap that are not as they should be, or were not found: a sentence each.
  public var notes: [Phrase] = []

  /// Makes an empty description.
  public init() {}
}
