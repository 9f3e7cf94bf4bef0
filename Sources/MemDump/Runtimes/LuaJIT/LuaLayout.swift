/// The layout of LuaJIT's structures on 64-bit machines with full references (GC64; lj_obj.h of LuaJIT 2.1).
enum LuaLayout {
  /// The types of objects, as the number in their header (`gct`).
  enum Kind: UInt8, CaseIterable, Sendable {
    case string = 4
    case upvalue, thread, proto, function, trace, cdata, table, userdata

    /// The name, as LuaJIT's own.
    var name: StaticString {
      switch self {
      case .string: "string"
      case .upvalue: "upvalue"
      case .thread: "thread"
      case .proto: "proto"
      case .function: "function"
      case .trace: "trace"
      case .cdata: "cdata"
      case .table: "table"
      case .userdata: "userdata"
      }
    }
  }

  /// The bytes of `lua_State`, of a table, and of a node of a table's hash.
  static let (threadByteCount, tableByteCount, nodeByteCount): (UInt64, UInt64, UInt64) = (96, 64, 24)
  /// How far the state of a VM may lie behind the start of its main thread: right behind it, aligned.
  static let stateDistances: ClosedRange<UInt64> = 88...160
  /// The most nodes or elements of a table, and the longest string: LuaJIT's own limits.
  static let (mostNodes, mostElements, longestString): (UInt64, UInt64, UInt64) = (1 << 26, 1 << 27, 1 << 31)

  /// An object: its type, and bytes of its header that some types use.
  struct Header: Sendable {
    /// The next object in the list of all.
    var next: UInt64
    var kind: Kind
    /// The bytes behind the type.
    var (first, second): (UInt8, UInt8)

    /// The header of an object; nil where there is none.
    init?(at address: Address, _ words: inout WordCache) throws(MemDumpError) {
      guard let next = try words.word(at: address), let bits = try words.word(at: address + 8),
        let kind = Kind(rawValue: UInt8(truncatingIfNeeded: bits >> 8))
      else { return nil }
      self.next = next
      self.kind = kind
      (first, second) = (UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24))
    }
  }

  /// A value as it stands in tables, stacks and upvalues.
  enum Value: Hashable, Sendable {
    case none
    /// An object of a type.
    case object(Kind, Address)
    /// A number, a truth value, or an address that Lua does not look behind.
    case other

    private static let pointerMask: UInt64 = 1 << 47 - 1

    /// Takes a value apart: the upper 17 bits are the inverted type, or the value is a number.
    init(_ word: UInt64) {
      switch word >> 47 {
      case 0x1ffff: self = .none
      case let tag where tag > 0x1fff2:
        let kind = Kind(rawValue: UInt8(truncatingIfNeeded: ~tag & 0xff))
        self = kind.map { .object($0, Address(word & Self.pointerMask)) } ?? .other
      default: self = .other
      }
    }
  }

  /// A table.
  struct Table: Sendable {
    var address: Address
    /// How many elements were made with the table, in one allocation with it.
    var colocated: UInt64
    /// Whether the elements have an allocation of their own.
    var hasOwnArray: Bool
    var (array, arrayCount): (Address, UInt64)
    var (nodes, nodeCount): (Address, UInt64)
    /// The table of its metamethods; 0 for none.
    var metatable: UInt64

    /// Reads a table; nil where its sizes are none.
    init?(_ header: Header, at address: Address, _ words: inout WordCache) throws(MemDumpError) {
      guard let array = try words.word(at: address + 16), let metatable = try words.word(at: address + 32),
        let nodes = try words.word(at: address + 40), let sizes = try words.word(at: address + 48)
      else { return nil }
      let (arrayCount, mask) = (sizes & 0xffff_ffff, sizes >> 32)
      guard arrayCount <= mostElements, mask < mostNodes, mask & (mask &+ 1) == 0 else { return nil }
      (self.address, self.metatable) = (address, metatable)
      (self.array, self.arrayCount) = (Address(array), arrayCount)
      // A hash part without a node is one node that all tables share.
      (self.nodes, nodeCount) = (Address(nodes), mask == 0 ? 0 : mask + 1)
      colocated = UInt64(header.second & 0x7f)
      hasOwnArray = arrayCount > 0 && (header.second == 0 || header.second >= 0x80)
    }

    /// The bytes of the table itself, and of what it has beside.
    var byteCount: UInt64 { tableByteCount + colocated * 8 }
    var ownedByteCount: UInt64 { (hasOwnArray ? arrayCount * 8 : 0) + nodeCount * nodeByteCount }
  }
}
