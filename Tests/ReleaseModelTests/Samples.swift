import Foundation
import Linux
import Testing

@testable import ReleaseStore

extension ReleaseID: ExpressibleByStringLiteral {
  /// For ids that a test spells out.
  public init(stringLiteral text: String) {
    guard let id = ReleaseID(text) else { preconditionFailure("\(text) names no release") }
    self = id
  }
}

extension Date {
  /// A fixed noon, in whole seconds as the store writes times.
  static let noon = Date(timeIntervalSince1970: 1_762_171_200)

  static func daysAgo(_ days: Double) -> Date { noon - days * 86_400 }
}

extension LinkPair {
  static func releases(_ current: String?, _ previous: String?) -> LinkPair {
    LinkPair(current: current.map { "releases/\($0)" }, previous: previous.map { "releases/\($0)" })
  }
}

extension JournalEntry {
  static func sample(
    _ operation: Operation = .activate, _ phase: Phase = .done, id: ReleaseID? = "2",
    from: ReleaseID? = nil, sequence: UInt64 = 7, before: LinkPair = .releases("1", nil),
    after: LinkPair = .releases("2", "1"), confirm: Bool? = nil, outcome: Outcome? = nil,
    reason: String? = nil
  ) -> JournalEntry {
    JournalEntry(
      sequence: sequence, phase: phase, operation: operation, id: id, from: from, before: before,
      after: after, confirm: confirm, reason: reason, bootID: "boot", pid: 42, processStart: 1234,
      user: "deploy", asked: "releases activate 2", started: .noon,
      finished: phase == .done ? .noon : nil, outcome: outcome)
  }
}

extension CatalogEntry {
  static func sample(
    _ id: ReleaseID, sequence: UInt64, _ state: ReleaseState = .ready, activation: UInt64? = nil,
    created: Date = .noon
  ) -> CatalogEntry {
    CatalogEntry(
      id: id, sequence: sequence, state: state, created: created,
      activated: activation.map { _ in created }, activation: activation, files: 1, bytes: 10)
  }
}

extension ReleaseLink {
  static let missing = ReleaseLink(state: .missing, text: nil, isDirect: false)

  static func to(_ id: ReleaseID, _ text: String? = nil, isDirect: Bool = true) -> ReleaseLink {
    ReleaseLink(state: .release(id), text: text ?? "releases/\(id)", isDirect: isDirect)
  }

  static func dangling(_ id: ReleaseID) -> ReleaseLink {
    ReleaseLink(state: .dangling(id), text: "releases/\(id)", isDirect: true)
  }
}

extension Snapshot {
  /// A store whose releases all have their directories, but for those in `gone`.
  static func sample(
    current: ReleaseLink = .missing, previous: ReleaseLink = .missing,
    _ entries: [CatalogEntry] = [], gone: Set<ReleaseID> = [], unknown: Set<ReleaseID> = []
  ) -> Snapshot {
    Snapshot(
      current: current, previous: previous, catalog: Catalog(entries),
      directories: Set(entries.map(\.id)).subtracting(gone).union(unknown), strays: [])
  }
}

/// Random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
