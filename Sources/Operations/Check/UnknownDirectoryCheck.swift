internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Check {
  /// Names the directories in `releases/` that are not in the catalog and that `init` leaves alone.
  func foreignDirectories(in facts: StoreFacts) -> [Finding] {
    let foreign = facts.snapshot.unknown.filter { !facts.adoptable.contains($0) }
    guard let first = foreign.first else { return [] }
    let names = foreign.map(\.text).joined(separator: ", ")
    return [
      finding(
        "catalog", .ok, "not adopted, and never changed: \(Layout.releases)/{\(names)}",
        hint: Hint("if it is a release, adopt it", command: ["init", "--adopt", first.text]))
    ]
  }
}
