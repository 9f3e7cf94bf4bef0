/// The PID and the name by which errors and reports call a process.
public struct ProcessLabel: Hashable, Sendable {
  /// The PID.
  public var id: ProcessID
  /// The short name (comm) of the process, unescaped; empty where the name is not known.
  public var name: [UInt8]

  /// Makes a label.
  public init(_ id: ProcessID, name: [UInt8]) { (self.id, self.name) = (id, name) }
}
