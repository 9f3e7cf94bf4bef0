/// The number and the name of a process, which errors and reports call it by.
public struct ProcessLabel: Hashable, Sendable {
  /// The number of the process.
  public var id: ProcessID
  /// Its short name (comm), unescaped; empty where that is not known.
  public var name: [UInt8]

  /// Makes a label.
  public init(_ id: ProcessID, name: [UInt8]) { (self.id, self.name) = (id, name) }
}
