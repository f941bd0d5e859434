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

  /// The ID of the release, or the name of the place.
  var name: String { place?.name ?? id.text }

  package init(id: ReleaseID, previous: ReleaseID?, ref: String?) {
    self.id = id
    self.previous = previous
    self.ref = ref
  }
}

/// Finds out once whether a release is healthy: runs the request or command, and then checks which
/// release serves.
struct HealthProbe: ~Copyable {
  /// The result of one attempt.
  struct Result {
    /// What is wrong, in one line; nil when it is healthy.
    var problem: Message?
    /// The response or output; nil when there was none.
    var answer: Message?
    /// Whether no further attempt can succeed.
    var isFinal = false
    /// Where the release answers on this host; nil when that is unknown.
    var address: HealthAddress?
    /// Which release serves; nil when that was not looked up.
    var serving: ServingRelease?
    /// What keeps this user from connecting to the socket of the release; nil for nothing.
    var denial: SocketDenial?
  }

  private let health: Configuration.Health
  private let services: [String]
  private let subject: HealthSubject
  private let directories: StoreDirectories
  private let caller: CallerEnvironment

  init(
    _ health: Configuration.Health, services: [String], of subject: HealthSubject,
    in directories: StoreDirectories, _ caller: CallerEnvironment
  ) {
    self.health = health
    self.services = services
    self.subject = subject
    self.directories = directories
    self.caller = caller
  }

  /// Checks the release once.
  ///
  /// - Parameters:
  ///   - seconds: how long it may take.
  ///   - known: where an earlier attempt was answered; nil when that is unknown.
  ///   - isWaiting: whether a job that systemd has not finished counts as a problem.
  ///   - stop: called about ten times a second. Once it returns true, the result has no meaning.
  /// - Returns: whether the release is healthy.
  func run(
    within seconds: Double, at known: HealthAddress? = nil, isWaiting: Bool, stop: () -> Bool
  ) -> Result {
    let deadline = Clock.monotonicSeconds() + seconds
    var facts = ServingFacts()
    var result: Result
    switch health.probe {
    case .http(let configured):
      result = WatchedRequest(
        ExpandedProbe(configured, for: subject), of: subject.id, in: directories, caller
      ).run(
        within: seconds, at: known, looksUp: subject.place == nil, &facts, stop: stop)
    case .command(let command): result = run(command, within: seconds, stop: stop)
    case .socket(let path):
      let path = path.replacing(HealthVariable.id, with: subject.name)
      result = Result(address: .unix(path))
      if !LocalSocket.accepts(path) {
        result.denial = SocketDenial(of: path)
        result.problem =
          result.denial?.problem ?? "no process accepts connections at \(path: path)"
      }
    }
    guard result.problem == nil else { return result }
    let states = ServiceState.all(
      services, releases: directories.releases, caller,
      within: max(deadline - Clock.monotonicSeconds(), 1), stop: stop)
    let notes = [result.answer] + states.map(\.note)
    let details = notes.compactMap { $0 }.joined(separator: "; ")
    result.answer = details.isEmpty ? nil : details
    result.problem = problem(states, isWaiting: isWaiting)
    guard result.problem == nil else { return result }
    for state in states {
      if let process = state.process {
        facts.mainProcesses.append(.init(unit: state.unit, process: process))
      }
      facts.gaps += [state.note].compactMap { $0 }
    }
    decide(&result, facts)
    return result
  }

  /// Returns why one of the units does not run the release; nil when all do.
  private func problem(_ states: [ServiceState], isWaiting: Bool) -> Message? {
    for state in states {
      if let problem = state.problem(for: subject.id) { return problem }
    }
    guard isWaiting, let busy = states.first(where: \.hasJob) else { return nil }
    return "systemd has not finished its job for \(busy.unit)"
  }

  /// Decides which release serves. A command does not tell which release it has asked, and nothing is
  /// known about a place that is not a release.
  private func decide(_ result: inout Result, _ known: ServingFacts) {
    if subject.place != nil { return }
    var facts = known
    if case .command = health.probe, services.isEmpty {
      facts.gaps.append("the health command does not tell, and service names no unit")
    }
    let serving = ServingRelease.decide(subject.id, facts)
    result.serving = serving
    guard case .another(let other, let pid, _) = serving else { return }
    let place: Message = result.address.map { " at \($0)" } ?? ""
    let listens = facts.listens(pid) ? "listens" : "listened"
    result.problem =
      "process \(pid), which \(listens)\(place), belongs to release \(other), "
      + "not to release \(subject.id)"
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
        problem: problem(outcome, within: seconds, lines.texts.last),
        answer: lines.texts.last.map { Message($0) })
    } catch {
      return Result(
        problem: "the health command could not be started: \(error.line)", answer: nil)
    }
  }

  private func problem(
    _ outcome: SupervisedProcess.Completion, within seconds: Double, _ last: String?
  ) -> Message? {
    let what: String
    switch (outcome.reason, outcome.ending) {
    case (.ended, .exited(0)?): return nil
    case (.ended, .exited(let status)?): what = "exited with status \(status)"
    case (.ended, .signaled(let number)?): what = "was killed by signal \(number)"
    default: what = "did not end within \(elapsed(seconds))"
    }
    return "the health command \(what)\(last.map { ": \($0)" } ?? "")"
  }
}
