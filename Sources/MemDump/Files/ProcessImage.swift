/// What a dump is made of, all but the memory itself.
struct ProcessImage: Sendable {
  /// The memory map.
  var regions: [MemoryRegion]
  /// What of it is to be in the file: in order, none twice, each mapped.
  var contents: [Range<Address>]
  /// What is told of the process.
  var facts: ProcessFacts
  /// The registers of its threads; empty where it was not stopped.
  var threads: [ThreadRegisters]
}
