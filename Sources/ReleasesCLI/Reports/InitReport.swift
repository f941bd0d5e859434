internal import Operations
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The report of `init`: what was created or adopted.
struct InitReport: Encodable, Sendable {
  struct Adopted: Encodable, Sendable {
    let id: String
    let state: String
    @OrNull var reason: Message?
  }

  var schema = 1
  let store: String
  /// The outcome: `made`, `adopted` or `unchanged`.
  let outcome: String
  let adopted: [Adopted]
  let warnings: [Message]
  let recovered: [Message]
  /// The adopted releases that the next prune would remove, newest first.
  let wouldRemove: [String]
  /// The commands to run next, as lines for a shell; empty if nothing had to be done.
  let next: [String]
  /// Whether the configuration has a hook or a health check already.
  var isConfigured = false

  private enum CodingKeys: String, CodingKey {
    case schema, store, outcome, adopted, warnings, recovered, wouldRemove, next
  }

  init(_ path: String, _ result: InitializeResult, for reader: HintReader) {
    self.store = path
    next = result.isUnchanged ? [] : Self.next(result, for: reader)
    outcome = result.isNew ? "made" : result.isUnchanged ? "unchanged" : "adopted"
    adopted = result.adopted.map {
      Adopted(
        id: $0.id.text, state: $0.state.rawValue, reason: $0.reason.map { Message(verbatim: $0) })
    }
    warnings = result.warnings.map { $0.line(for: reader) }
    recovered = result.recovered
    wouldRemove = result.forecast?.removed.map(\.text) ?? []
  }

  func text(_ style: Style) -> String {
    var text =
      switch outcome {
      case "made": style.sentence("created the store \(path: store)")
      case "adopted": style.sentence("updated the store \(path: store)")
      default: style.sentence("\(path: store) is already a store; nothing to do")
      }
    for release in adopted {
      let why: Message = release.reason.map { ": \($0)" } ?? ""
      text += style.sentence("adopted \(verbatim: release.id) as \(release.state)\(why)")
    }
    if next.isEmpty { return text }
    return text
      + style.sentence(
        isConfigured
          ? "next, run:" : "next: set hooks and health in \(path: store)/releases.yaml, then run:")
      + next.map { "  \(style.printable(Message(verbatim: $0)))\n" }.joined()
  }

  private static func next(_ result: InitializeResult, for reader: HintReader) -> [String] {
    let commands = [
      ["check"], result.adopted.isEmpty ? ["deploy", "ARCHIVE", "--ref", "REF"] : ["list"],
    ]
    return commands.compactMap { Hint("", command: $0).command(for: reader) }
  }
}

/// The report of `init --dry-run`: what would be created or adopted.
struct InitPlanReport: Encodable, Sendable {
  var schema = 1
  var command = "init"
  @OrNull var id: String?
  /// The outcome: `done` or `unchanged`.
  let outcome: String
  var dryRun = true
  var recovered: [Message] = []
  /// What the command would do, one imperative sentence each.
  let changes: [Message]
  let warnings: [Message]
  /// The releases to be adopted that the next prune would remove, newest first.
  let wouldRemove: [String]

  init(_ plan: InitializePlan, for reader: HintReader) {
    outcome = plan.changes.isEmpty && plan.recovery == nil ? "unchanged" : "done"
    recovered = plan.recovery?.sentences ?? []
    changes = plan.changes
    warnings = plan.warnings.map { $0.line(for: reader) }
    wouldRemove = plan.forecast?.removed.map(\.text) ?? []
  }
}
