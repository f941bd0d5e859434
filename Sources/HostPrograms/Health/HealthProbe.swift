internal import Configuration
internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The release whose health is checked.
package struct HealthSubject: Sendable {
  package let id: ReleaseID
  /// The release that `previous` points to; nil when there is none.
  package let previous: ReleaseID?
  /// The ref that the release was published with; nil when it has none.
  package let ref: String?
  /// The place whose health is checked instead of the release; nil for the release.
  package var place: ForeignPlace?

  package init(id: ReleaseID, previous: ReleaseID?, ref: String?) {
    self.id = id
    self.previous = previous
    self.ref = ref
  }
}

/// Finds out once whether a release is healthy: runs the request or command, and then checks that the
/// service runs in the release.
struct HealthProbe: ~Copyable {
  /// The result of one attempt.
  struct Result {
    /// What is wrong, in one line; nil when it is healthy.
    let problem: String?
    /// The response or output; nil when there was none.
    let answer: String?
    /// Whether no further attempt can succeed.
    var isFinal = false
  }

  private let health: Configuration.Health
  private let service: String?
  private let subject: HealthSubject
  private let directories: StoreDirectories
  private let caller: CallerEnvironment

  init(
    _ health: Configuration.Health, service: String?, of subject: HealthSubject,
    in directories: StoreDirectories, _ caller: CallerEnvironment
  ) {
    self.health = health
    self.service = service
    self.subject = subject
    self.directories = directories
    self.caller = caller
  }

  /// Checks the release once.
  ///
  /// - Parameters:
  ///   - seconds: how long it may take.
  ///   - stop: called about ten times a second. Once it returns true, the result has no meaning.
  /// - Returns: whether the release is healthy.
  func run(within seconds: Double, stop: () -> Bool) -> Result {
    let deadline = Clock.monotonicSeconds() + seconds
    let result =
      switch health.probe {
      case .http(let probe):
        HTTPRequest(probe, caller).run(within: seconds, stop: stop)
      case .command(let command): run(command, within: seconds, stop: stop)
      }
    guard result.problem == nil, let service else { return result }
    let left = max(deadline - Clock.monotonicSeconds(), 1)
    let state = ServiceState(
      of: service, releases: directories.releases, caller, within: left, stop: stop)
    let details = [result.answer, state.note].compactMap { $0 }.joined(separator: "; ")
    return Result(
      problem: state.problem(for: subject.id),
      answer: details.isEmpty ? nil : printable(details.utf8))
  }

  private func run(
    _ command: Configuration.Command, within seconds: Double, stop: () -> Bool
  ) -> Result {
    var lines = LastLines()
    do throws(ReleasesError) {
      let process = try ReleaseProgram(
        command, of: subject.id, at: subject.id, place: subject.place, in: directories,
        previous: subject.previous,
        event: "health", ref: subject.ref, caller: caller.variables
      ).start()
      let outcome = process.run(
        within: seconds, grace: .init(atTimeUp: 0, whenStopped: 0), stop: stop
      ) { lines.append($0) }
      return Result(
        problem: problem(outcome, within: seconds, lines.texts.last), answer: lines.texts.last)
    } catch {
      return Result(
        problem: "the health command could not be started: \(error.line)", answer: nil)
    }
  }

  private func problem(
    _ outcome: SupervisedProcess.Completion, within seconds: Double, _ last: String?
  ) -> String? {
    let what: String
    switch (outcome.reason, outcome.ending) {
    case (.ended, .exited(0)?): return nil
    case (.ended, .exited(let status)?): what = "ended with status \(status)"
    case (.ended, .signaled(let number)?): what = "was killed by signal \(number)"
    default: what = "did not end within \(elapsed(seconds))"
    }
    return "the health command \(what)" + (last.map { ": \($0)" } ?? "")
  }
}
