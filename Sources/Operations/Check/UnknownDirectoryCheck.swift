internal import ReleaseModel
internal import ReleaseStore

extension Check {
  /// Reports the directories in `releases/` that the catalog does not have.
  ///
  /// - Throws: ``ReleasesError`` when the manifests or the history can't be read.
  func unknownDirectories(
    _ store: Store, _ snapshot: Snapshot
  ) throws(ReleasesError) -> [Finding] {
    if snapshot.unknown.isEmpty { return [] }
    let scope = try AdoptionScope(of: store, snapshot, try store.history.entries(about: snapshot.unrecorded))
    let adoptable = snapshot.unknown.filter { scope.includes($0) }
    let foreign = snapshot.unknown.filter { !scope.includes($0) }
    var findings: [Finding] = []
    if !adoptable.isEmpty {
      let names = adoptable.map(\.text).joined(separator: ", ")
      findings.append(
        finding(
          "catalog", .warning, "no catalog entry for \(names)",
          hint: Hint("adopt them", command: ["init"])))
    }
    if let first = foreign.first {
      let names = foreign.map(\.text).joined(separator: ", ")
      findings.append(
        finding(
          "catalog", .ok, "not adopted, and never changed: \(Layout.releases)/{\(names)}",
          hint: Hint("if it is a release, adopt it", command: ["init", "--adopt", first.text])))
    }
    return findings
  }
}
