package import Foundation
package import ReleaseModel

extension ReleaseID: ExpressibleByStringLiteral {
  /// Makes the ID that a test spells out.
  package init(stringLiteral text: String) {
    guard let id = ReleaseID(text) else { preconditionFailure("\(text) is not a release ID") }
    self = id
  }
}

extension Date {
  /// A fixed noon, in whole seconds as the store writes times.
  package static let noon = Date(timeIntervalSince1970: 1_762_171_200)

  /// Returns a time before noon.
  package static func daysAgo(_ days: Double) -> Date { noon - days * 86_400 }
}

extension Actor {
  /// The actor of all samples, at noon.
  package static let sample = Actor(
    now: { .noon }, bootID: "boot", pid: 42, processStart: 1234, user: "deploy",
    commandLine: "releases activate 2")
}

extension LinkPair {
  /// Returns links that point directly to releases; nil for a link that is missing.
  package static func releases(_ current: String?, _ previous: String?) -> LinkPair {
    LinkPair(current: current.map { "releases/\($0)" }, previous: previous.map { "releases/\($0)" })
  }
}

extension JournalEntry {
  /// Returns an entry about release 2, which replaces release 1.
  package static func sample(
    _ operation: Operation = .activate, _ phase: Phase = .done, id: ReleaseID? = "2",
    from: ReleaseID? = nil, sequence: UInt64 = 7, before: LinkPair = .releases("1", nil),
    after: LinkPair = .releases("2", "1"), confirm: Bool? = nil, outcome: Outcome? = nil,
    reason: String? = nil
  ) -> JournalEntry {
    let intent = Intent(
      operation: operation, id: id, from: from, before: before, after: after, confirm: confirm)
    var entry = intent.entry(sequence: sequence, .sample)
    // An intent would cut a long text.
    entry.reason = reason
    entry.phase = phase
    entry.finished = phase == .done ? .noon : nil
    entry.outcome = outcome
    return entry
  }
}

extension CatalogEntry {
  /// Returns the entry of a release with one file.
  package static func sample(
    _ id: ReleaseID, sequence: UInt64, _ state: ReleaseState = .ready, activation: UInt64? = nil,
    created: Date = .noon
  ) -> CatalogEntry {
    CatalogEntry(
      id: id, sequence: sequence, state: state, created: created,
      activated: activation.map { _ in created }, activation: activation, files: 1, bytes: 10)
  }
}

extension ReleaseLink {
  /// A link that is not there.
  package static let missing = ReleaseLink(state: .missing, text: nil, isDirect: false)

  /// Returns a link to a release that is there.
  package static func to(
    _ id: ReleaseID, _ text: String? = nil, isDirect: Bool = true
  ) -> ReleaseLink {
    ReleaseLink(state: .release(id), text: text ?? "releases/\(id)", isDirect: isDirect)
  }

  /// Returns a link to a release whose directory is missing.
  package static func dangling(_ id: ReleaseID) -> ReleaseLink {
    ReleaseLink(state: .dangling(id), text: "releases/\(id)", isDirect: true)
  }
}

extension Snapshot {
  /// Makes the facts of a store in which each release of the catalog has a directory, except those
  /// in `gone`; those in `unknown` have only a directory.
  package static func sample(
    current: ReleaseLink = .missing, previous: ReleaseLink = .missing,
    _ entries: [CatalogEntry] = [], gone: Set<ReleaseID> = [], unknown: Set<ReleaseID> = []
  ) -> Snapshot {
    Snapshot(
      current: current, previous: previous, catalog: Catalog(entries),
      directories: Set(entries.map(\.id)).subtracting(gone).union(unknown), strays: [])
  }
}
