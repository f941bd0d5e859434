/// A configured hook at its turn.
package struct HookCall: Sendable {
  package enum Name: String, Sendable { case prepare, activate, succeeded, failed }

  package let name: Name
  package let hook: Configuration.Hook
  /// The release it is about.
  package let id: ReleaseID
  /// What was live before, or is.
  package let previous: ReleaseID?
  package let ref: String?
  /// On what occasion: `prepare`, `activate`, `rollback`, `restore`, `succeeded` or `failed`.
  package let event: String
  /// Whose tree it runs in; nil for the store itself. A bad release's is not to be trusted.
  package var place: ReleaseID?

  init(
    _ name: Name, _ hook: Configuration.Hook, _ id: ReleaseID, previous: ReleaseID?,
    ref: String?, event: String
  ) {
    self.name = name
    self.hook = hook
    self.id = id
    self.previous = previous
    self.ref = ref
    self.event = event
    place = id
  }
}

/// How a hook ended.
package struct HookReport: Sendable {
  package enum Ending: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)
    case timedOut(TimeSpan)
    case stopped(StopReason)
    /// With the system's words.
    case notStarted(String)
  }

  package let name: HookCall.Name
  package let seconds: Double
  package let ending: Ending
  /// The last that it printed, legible.
  package let lastLines: [String]
  /// Where all that it printed is kept; nil where nothing could be.
  package let log: String?

  package var isSuccess: Bool { ending == .exited(0) }

  /// What went wrong, for people; nil when nothing did.
  package var problem: String? {
    let what: String? =
      switch ending {
      case .exited(0): nil
      case .exited(let status): "ended with status \(status)"
      case .signaled(let number): "was ended by signal \(number)"
      case .timedOut(let limit): "took longer than \(limit) and was ended"
      case .stopped(let reason): "was stopped by \(reason.description)"
      case .notStarted(let why): "could not be started: \(why)"
      }
    return what.map { "the \(name.rawValue) hook \($0)" }
  }
}
