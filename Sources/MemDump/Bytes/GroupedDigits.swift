/// The commas between the digits of a number: `22,941`.
package enum GroupedDigits {
  /// A number without its commas, of which one stands before every three digits of the whole part, or none at all; nil where
  /// they stand elsewhere.
  package static func digits(_ text: some StringProtocol) -> String? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let groups = (parts.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
    guard groups.count > 1 else { return text.contains(",") ? nil : String(text) }
    guard (1...3).contains(groups[0].count), groups.dropFirst().allSatisfy({ $0.count == 3 }),
      parts.count == 1 || !parts[1].contains(",")
    else { return nil }
    return groups.joined() + (parts.count == 1 ? "" : "." + parts[1])
  }
}
