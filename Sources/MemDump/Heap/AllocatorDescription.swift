/// What an allocator says of itself in a process: facts for programs, and how people read them.
public struct AllocatorDescription: Sendable {
  /// A line for people.
  public struct Line: Sendable {
    /// What it is about, in a word.
    public var label: String
    /// What it says.
    public var text: Phrase

    /// Makes a line.
    public init(_ label: String, _ text: Phrase) { (self.label, self.text) = (label, text) }
  }

  /// The facts.
  public var facts: [AllocatorFact] = []
  /// What there is to add to how much is in use; nil for nothing.
  public var used: Phrase?
  /// What there is to add to how much is free: where it is kept; nil for nothing.
  public var free: Phrase?
  /// What else there is.
  public var lines: [Line] = []
  /// What of the heap is not as it should be, or was not found: a sentence each.
  public var notes: [Phrase] = []

  /// Makes one that says nothing.
  public init() {}
}
