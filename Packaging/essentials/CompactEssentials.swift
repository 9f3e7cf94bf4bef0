// What ArgumentParser takes of FoundationEssentials: errors that describe themselves, and JSON for
// --experimental-dump-help. Packaging/build.sh has ArgumentParser import this module in place of that one, with which the
// program would be 19 MB, not 14.

/// An error that describes itself.
public protocol LocalizedError: Error {
  /// What went wrong.
  var errorDescription: String? { get }
}

/// Bytes.
public struct Data: Sendable {
  fileprivate let bytes: [UInt8]
}

extension String {
  /// The encodings of bytes as text that there are.
  public enum Encoding: Sendable { case utf8 }

  /// Makes a text of bytes.
  public init?(data: Data, encoding: Encoding) { self.init(validating: data.bytes, as: UTF8.self) }
}

/// Writes values as JSON (RFC 8259), keys in order, on one line.
public final class JSONEncoder {
  /// How the text looks; the same with all of them.
  public struct OutputFormatting: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int
    /// Makes a set from bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// With blanks for people.
    public static let prettyPrinted = OutputFormatting(rawValue: 1)
    /// With keys in order.
    public static let sortedKeys = OutputFormatting(rawValue: 2)
  }

  /// How the text is to look.
  public var outputFormatting: OutputFormatting = []
  /// Makes an encoder.
  public init() {}

  /// The text of a value.
  public func encode(_ value: some Encodable) throws -> Data {
    let node = Node(path: [])
    try value.encode(to: node)
    return Data(bytes: Array(node.text.utf8))
  }
}

/// A value in the making, and the encoder and the containers of its parts.
private final class Node: Encoder, SingleValueEncodingContainer, UnkeyedEncodingContainer {
  private enum Content {
    case scalar(String)
    case list([Node])
    case members([(key: String, node: Node)])
  }

  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  private var content = Content.scalar("null")

  init(path: [any CodingKey]) { codingPath = path }

  var text: String {
    switch content {
    case .scalar(let text): text
    case .list(let nodes): "[" + nodes.map(\.text).joined(separator: ",") + "]"
    case .members(let members):
      "{" + members.sorted { $0.key < $1.key }.map { quoted($0.key) + ":" + $0.node.text }.joined(separator: ",") + "}"
    }
  }

  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{0}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// A new member of an object.
  func member(_ key: any CodingKey) -> Node {
    var members: [(key: String, node: Node)] = []
    if case .members(let known) = content { members = known }
    let node = Node(path: codingPath + [key])
    content = .members(members.filter { $0.key != key.stringValue } + [(key.stringValue, node)])
    return node
  }

  /// A new element of a list.
  private func element() -> Node {
    var nodes: [Node] = []
    if case .list(let known) = content { nodes = known }
    let node = Node(path: codingPath)
    content = .list(nodes + [node])
    return node
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .members = content {} else { content = .members([]) }
    return KeyedEncodingContainer(Members(node: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .list = content {} else { content = .list([]) }
    return self
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  private var isList: Bool { if case .list = content { true } else { false } }

  private func put(_ text: String) { if isList { element().put(text) } else { content = .scalar(text) } }

  var count: Int { if case .list(let nodes) = content { nodes.count } else { 0 } }
  func nestedContainer<Key: CodingKey>(keyedBy keyType: Key.Type) -> KeyedEncodingContainer<Key> {
    element().container(keyedBy: keyType)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { element().unkeyedContainer() }
  func superEncoder() -> any Encoder { element() }

  func encodeNil() { put("null") }
  func encode(_ value: Bool) { put(value ? "true" : "false") }
  func encode(_ value: String) { put(quoted(value)) }
  func encode(_ value: Double) { put("\(value)") }
  func encode(_ value: Float) { put("\(value)") }
  func encode(_ value: Int) { put("\(value)") }
  func encode(_ value: Int8) { put("\(value)") }
  func encode(_ value: Int16) { put("\(value)") }
  func encode(_ value: Int32) { put("\(value)") }
  func encode(_ value: Int64) { put("\(value)") }
  func encode(_ value: UInt) { put("\(value)") }
  func encode(_ value: UInt8) { put("\(value)") }
  func encode(_ value: UInt16) { put("\(value)") }
  func encode(_ value: UInt32) { put("\(value)") }
  func encode(_ value: UInt64) { put("\(value)") }
  func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: isList ? element() : self) }
}

/// The members of an object.
private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: Node
  var codingPath: [any CodingKey] { node.codingPath }

  func encodeNil(forKey key: Key) { node.member(key).encodeNil() }
  func encode(_ value: Bool, forKey key: Key) { node.member(key).encode(value) }
  func encode(_ value: String, forKey key: Key) { node.member(key).encode(value) }
  func encode(_ value: Int, forKey key: Key) { node.member(key).encode(value) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try value.encode(to: node.member(key)) }
  func nestedContainer<Other: CodingKey>(
    keyedBy keyType: Other.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Other> { node.member(key).container(keyedBy: keyType) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { node.member(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { node.member(Own.super) }
  func superEncoder(forKey key: Key) -> any Encoder { node.member(key) }

  private enum Own: String, CodingKey { case `super` }
}
