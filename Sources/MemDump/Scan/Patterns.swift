/// The list of the patterns. The choices of `--pattern`, its help and the completions come from this list.
public enum Patterns {
  /// Every pattern, in the order in which the help shows the patterns: a line each.
  public static let all: [any Pattern] = [
    IPv4Port(),
    SocketAddress(),
    IPv4(),
    IPv6Port(),
    HostPort(),
    URLPattern(),
    Email(),
    UUIDPattern(),
  ]

  /// The patterns of a scan that chooses none: endpoints as text, and as a program holds them.
  public static let standard: [any Pattern] = [IPv4Port(), SocketAddress()]

  /// The pattern of a name. Throws ``MemDumpError/Code/unknownPattern``, which lists the known names.
  public static func pattern(named name: String) throws(MemDumpError) -> any Pattern {
    guard let pattern = all.first(where: { $0.name == name }) else {
      throw MemDumpError(.unknownPattern(name, known: all.map(\.name)))
    }
    return pattern
  }
}
