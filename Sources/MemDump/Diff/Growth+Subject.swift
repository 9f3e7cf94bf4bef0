extension Growth {
  /// The subject of a growth: what is counted and compared as one thing.
  public enum Subject: Hashable, Sendable {
    /// The chunks in use of a class: with one size, header included, of one heap.
    case chunks(BlockClass)
    /// All chunks in use, whichever heap has them.
    case allChunks
    /// The objects of a type by its name; see ``ObjectTypes``.
    case objects([UInt8])
    /// A socket address.
    case socketAddress([UInt8])
    /// All socket addresses together.
    case allSocketAddresses
    /// Printable texts of a template; see ``TextTemplate``.
    case template([UInt8])
    /// Mapped memory.
    case mapped(Memory)
    /// The memory that a process itself wrote, or shared memory that it has in use, present or swapped.
    case resident(Memory)
    /// All memory that a process itself wrote, present or swapped, without shared memory.
    case allResident
  }

  /// Mapped memory that is counted together.
  public enum Memory: Hashable, Sendable {
    /// Private anonymous memory.
    case anonymous
    /// All mappings of one name.
    case named([UInt8])
    /// Anonymous memory that several processes may share, of one name.
    case shared([UInt8])

    /// The name of the memory, or `anon`.
    var text: [UInt8] {
      switch self {
      case .anonymous: Array("anon".utf8)
      case .named(let name): name
      case .shared(let name): name.isEmpty ? Array("shared".utf8) : name
      }
    }
  }
}

extension Growth.Subject {
  /// The kind of the subject.
  public var kind: Growth.Kind {
    switch self {
    case .objects: .objectType
    case .chunks, .allChunks: .chunkSize
    case .socketAddress, .allSocketAddresses: .sockaddr
    case .template: .template
    case .mapped: .region
    case .resident, .allResident: .resident
    }
  }

  /// The text that tells the subject from others of its kind: a size, address, template or name; `*` for all together.
  public var key: [UInt8] {
    switch self {
    case .chunks(let row): Array("\(row.footprint)".utf8)
    case .objects(let text), .socketAddress(let text), .template(let text): text
    case .mapped(let memory), .resident(let memory): memory.text
    case .allChunks, .allSocketAddresses, .allResident: Array("*".utf8)
    }
  }
}
