import MemDump
import MemDumpTestSupport

/// A JSON Schema of docs/schemas, as far as those go (draft 2020-12), and stricter: a member that it does not name is wrong.
struct JSONSchema {
  private let root: JSONValue

  private static let directory =
    String(#filePath.dropLast("Tests/CommandTests/JSONSchema.swift".count)) + "docs/schemas"
  private static let suffix = ".schema.json"

  /// The names of the schemas that there are.
  static var names: [String] {
    fileNames(in: directory).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
  }

  /// Reads the schema of a name.
  init(_ name: String) throws {
    guard let bytes = fileBytes("\(Self.directory)/\(name)\(Self.suffix)"), let root = JSONValue(parsing: bytes) else {
      throw TestFailure("there is no schema \(name)")
    }
    guard root["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema" else {
      throw TestFailure("\(name) is of another draft")
    }
    self.root = root
  }

  /// What of a value is not as the schema says, a sentence for each.
  func complaints(about value: JSONValue) -> [String] { complaints(value, root, "") }

  private func complaints(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
    guard case .object(let keywords) = schema else { return ["\(place): the schema is no object"] }
    return keywords.sorted { $0.key < $1.key }.flatMap { keyword, argument -> [String] in
      switch keyword {
      case "$schema", "$defs", "title", "description": []
      case "$ref": complaints(value, definition(argument.string ?? ""), place)
      case "const": value == argument ? [] : ["\(place): \(value) is not \(argument)"]
      case "enum": argument.array?.contains(value) == true ? [] : ["\(place): \(value) is none of \(argument)"]
      case "type": isOfType(value, argument) ? [] : ["\(place): \(value) is not of type \(argument)"]
      case "minimum": (value.number ?? .max) >= (argument.number ?? 0) ? [] : ["\(place): \(value) is too small"]
      case "pattern":
        value.string?.contains((try? Regex(argument.string ?? "")) ?? Regex(verbatim: "?")) ?? true
          ? [] : ["\(place): \(value) is not like \(argument)"]
      case "required":
        (argument.array ?? []).compactMap(\.string).filter { value[$0] == nil }.map { "\(place): \($0) is missing" }
      case "properties": members(value, argument, place)
      case "items": (value.array ?? []).enumerated().flatMap { complaints($1, argument, "\(place)[\($0)]") }
      case "anyOf", "oneOf": alternatives(value, argument.array ?? [], isOne: keyword == "oneOf", place)
      default: ["\(place): the keyword \(keyword) is not known here"]
      }
    }
  }

  private func definition(_ reference: String) -> JSONValue {
    root["$defs"]?[String(reference.dropFirst("#/$defs/".count))] ?? .null
  }

  private func members(_ value: JSONValue, _ properties: JSONValue, _ place: String) -> [String] {
    guard case .object(let members) = value else { return [] }
    return members.sorted { $0.key < $1.key }.flatMap { name, member in
      properties[name].map { complaints(member, $0, "\(place).\(name)") } ?? ["\(place): \(name) is not in the schema"]
    }
  }

  private func alternatives(_ value: JSONValue, _ schemas: [JSONValue], isOne: Bool, _ place: String) -> [String] {
    let found = schemas.map { complaints(value, $0, place) }
    let count = found.count(where: \.isEmpty)
    if isOne ? count == 1 : count > 0 { return [] }
    return count > 1 ? ["\(place): it is several"] : found.min { $0.count < $1.count } ?? ["\(place): it is none"]
  }

  private func isOfType(_ value: JSONValue, _ types: JSONValue) -> Bool {
    let names = types.array?.compactMap(\.string) ?? [types.string].compactMap(\.self)
    return names.contains { name in
      switch (name, value) {
      case ("object", .object), ("array", .array), ("string", .string), ("integer", .number), ("boolean", .boolean),
        ("null", .null):
        true
      default: false
      }
    }
  }
}
