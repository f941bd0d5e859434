internal import Linux

/// Looks once whether a release works: first at what it answers, then at where its service runs.
struct HealthTry {
  /// What one look found.
  struct Result {
    /// Nil when healthy.
    let problem: String?
    let answer: String?
    /// It can't become better by itself.
    var isHopeless = false
  }

  private let store: Store
  private let id: ReleaseID
  private let health: Configuration.Health
  private let service: String?
  private let environment: Environment
  private let previous: ReleaseID?
  private let ref: String?

  init(
    _ health: Configuration.Health, of id: ReleaseID, in store: Store,
    _ configuration: Configuration, _ environment: Environment
  ) {
    self.store = store
    self.id = id
    self.health = health
    service = configuration.service
    self.environment = environment
    previous = (try? store.link(Layout.previous))?.release
    ref = store.ref(of: id)
  }

  /// - Parameters:
  ///   - seconds: how long it may take.
  ///   - stop: asked some ten times a second; what is returned once it says so means nothing.
  func run(within seconds: Double, stop: () -> Bool) -> Result {
    let deadline = Clock.monotonicSeconds() + seconds
    let answered =
      switch health.probe {
      case .http(let probe):
        HTTPRequest(probe, environment).run(within: seconds, stop: stop)
      case .command(let command): run(command, within: seconds, stop: stop)
      }
    guard answered.problem == nil, let service else { return answered }
    let left = max(deadline - Clock.monotonicSeconds(), 1)
    let state = store.serviceState(service, environment, within: left, stop: stop)
    let told = [answered.answer, state.note].compactMap { $0 }.joined(separator: "; ")
    return Result(
      problem: state.problem(for: id), answer: told.isEmpty ? nil : printable(told.utf8))
  }

  private func run(
    _ command: Configuration.Command, within seconds: Double, stop: () -> Bool
  ) -> Result {
    var lines = LastLines()
    do throws(ReleasesError) {
      let process = try ReleaseProgram(
        command, of: id, at: id, in: store, previous: previous, event: "health", ref: ref,
        caller: environment.variables
      ).start()
      let outcome = process.run(
        within: seconds, grace: .init(atTimeUp: 0, whenStopped: 0), stop: stop
      ) { lines.take($0) }
      return Result(
        problem: problem(outcome, within: seconds, lines.texts.last), answer: lines.texts.last)
    } catch {
      let why = error.message + (error.cause.map { ": \($0)" } ?? "")
      return Result(problem: "the health command could not be started: \(why)", answer: nil)
    }
  }

  private func problem(
    _ outcome: SupervisedProcess.Completion, within seconds: Double, _ last: String?
  ) -> String? {
    let what: String
    switch (outcome.reason, outcome.ending) {
    case (.ended, .exited(0)?): return nil
    case (.ended, .exited(let status)?): what = "ended with status \(status)"
    case (.ended, .signaled(let number)?): what = "was ended by signal \(number)"
    default: what = "did not end within \(elapsed(seconds))"
    }
    return "the health command \(what)" + (last.map { ": \($0)" } ?? "")
  }
}
