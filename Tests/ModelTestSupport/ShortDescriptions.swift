package import ReleaseModel
internal import Testing

// The output of the tests names an argument in a few words instead of all its parts.

extension Snapshot: CustomTestStringConvertible {
  package var testDescription: String {
    "current \(links.current ?? "missing"), previous \(links.previous ?? "missing")"
  }
}

extension AdoptionPlan: CustomTestStringConvertible {
  package var testDescription: String { "a plan" }
}
