/// The contents of a dump, all but the memory itself.
struct ProcessImage: Sendable {
  /// The memory map of the process.
  var regions: [MemoryRegion]
  /// The memory that is to be in the file: in order, none twice, each mapped.
  var contents: [Range<Address>]
  /// The facts about the process.
  var facts: ProcessFacts
  /// The registers of the threads; empty where the process was not stopped.
  var threads: [ThreadRegisters]
}
