/// Why a text is not a trigger.
package enum TriggerProblem: Sendable {
  case noComparison
  case unknownMetric(String, known: [String])
  case notASize
  case notARise
}
