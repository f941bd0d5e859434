internal import Linux

extension Store {
  /// Looks again and again until a release works: as many times in a row as is configured.
  ///
  /// - Parameter attempt: told of each look.
  func waitForHealth(
    _ health: Configuration.Health, of id: ReleaseID, _ configuration: Configuration,
    _ environment: Environment, stop: StopQuestion, attempt: (HealthAttempt) -> Void
  ) -> HealthReport {
    let start = Clock.monotonicSeconds()
    let limit = Double(health.timeout.seconds)
    let check = HealthCheck(
      store: self, health: health, id: id, service: configuration.service,
      environment: environment)
    var last: HealthAttempt?
    var inARow = 0
    var count = 0
    func report(stopped: StopReason? = nil, _ problem: String?) -> HealthReport {
      HealthReport(
        isHealthy: problem == nil, attempts: count, seconds: Clock.monotonicSeconds() - start,
        last: last, stopped: stopped, problem: problem)
    }
    func stopReport(_ reason: StopReason) -> HealthReport {
      report(stopped: reason, "the wait for health was stopped by \(reason.description)")
    }
    repeat {
      if let reason = stop() { return stopReport(reason) }
      let began = Clock.monotonicSeconds()
      let (problem, answer) = check.look(
        within: max(start + limit - began, 0.1), shouldStop: { stop() != nil })
      if let reason = stop(), problem != nil { return stopReport(reason) }
      count += 1
      inARow = problem == nil ? inARow + 1 : 0
      let found = HealthAttempt(
        number: count, seconds: Clock.monotonicSeconds() - start, problem: problem,
        answer: answer)
      last = found
      attempt(found)
      if inARow >= health.successes { return report(nil) }
      let next = min(began + Double(health.interval.seconds), start + limit)
      while Clock.monotonicSeconds() < next {
        if let reason = stop() { return stopReport(reason) }
        Clock.sleep(seconds: min(0.05, max(next - Clock.monotonicSeconds(), 0)))
      }
    } while Clock.monotonicSeconds() < start + limit
    let why = last?.problem ?? "it was healthy \(inARow) times in a row, not \(health.successes)"
    return report("it did not become healthy within \(health.timeout): \(why)")
  }

  /// Looks once, for `status`: for no longer than so many seconds.
  package func lookAtHealth(
    _ health: Configuration.Health, of id: ReleaseID, _ configuration: Configuration,
    _ environment: Environment, within seconds: Double
  ) -> HealthAttempt {
    let start = Clock.monotonicSeconds()
    let check = HealthCheck(
      store: self, health: health, id: id, service: nil, environment: environment)
    let (problem, answer) = check.look(within: seconds, shouldStop: { false })
    return HealthAttempt(
      number: 1, seconds: Clock.monotonicSeconds() - start, problem: problem, answer: answer)
  }
}

/// What is looked at.
struct HealthCheck {
  /// Of one request, in seconds; a command may take all the time that is left.
  private static let requestLimit = 10.0

  let store: Store
  let health: Configuration.Health
  let id: ReleaseID
  /// The unit whose main process has to run in the release; nil for none.
  let service: String?
  let environment: Environment

  /// Both have to be in order: what it answers, and where its process runs.
  func look(
    within seconds: Double, shouldStop: () -> Bool
  ) -> (problem: String?, answer: String?) {
    let (problem, answer) =
      switch health.probe {
      case .http(let probe):
        request(probe, within: min(seconds, Self.requestLimit), shouldStop: shouldStop)
      case .command(let command): run(command, within: seconds, shouldStop: shouldStop)
      }
    guard problem == nil, let service else { return (problem, answer) }
    return (store.serviceState(service, environment).problem(expecting: id), answer)
  }

  private func run(
    _ command: Configuration.Command, within seconds: Double, shouldStop: () -> Bool
  ) -> (problem: String?, answer: String?) {
    switch store.program(command) {
    case .missing(let name):
      return ("the health command needs \(name), which this host has not", nil)
    case .found(let path, let words):
      var variables = store.plainVariables(environment)
      variables["RELEASES_STORE"] = store.path
      variables["RELEASES_ID"] = id.text
      variables["RELEASES_PATH"] = store.path(Layout.releases, id.text)
      let process = WatchedProcess(
        path, words, environment: variables, directory: store.path(Layout.releases, id.text),
        timeLimit: seconds)
      var tail = OutputTail()
      let ending = ending(of: process, shouldStop) { tail.append($0) }
      let problem: String? =
        switch ending {
        case .success(.ended(.exited(0))): nil
        case .success(.ended(.exited(let status))):
          "the health command ended with status \(status)"
        case .success(.ended(.signaled(let number))):
          "the health command was ended by signal \(number)"
        case .success(.timedOut), .success(.stopped): "the health command took too long"
        case .failure(let error): "the health command could not be started: \(error)"
        }
      return (problem, tail.lines.last)
    }
  }

  private func request(
    _ probe: Configuration.HTTPProbe, within seconds: Double, shouldStop: () -> Bool
  ) -> (problem: String?, answer: String?) {
    guard let curl = HostProgram.find(HTTPRequest.tool, in: environment.programs) else {
      return (
        "this host has no \(HTTPRequest.tool) to ask with; install it, or use health.command", nil
      )
    }
    var answer = HTTPAnswer()
    let process = WatchedProcess(
      curl, HTTPRequest.words(for: probe, within: seconds),
      environment: ["PATH": HostProgram.searchPath], timeLimit: seconds + 1)
    switch ending(of: process, shouldStop, { answer.append($0) }) {
    case .success(.ended(.exited(0))): break
    case .success(.ended): return (answer.failure ?? "\(probe.url) could not be asked", nil)
    case .success(.timedOut), .success(.stopped): return ("\(probe.url) does not answer", nil)
    case .failure(let error): return ("\(HTTPRequest.tool) could not be started: \(error)", nil)
    }
    return (answer.problem(expecting: probe), answer.excerpt)
  }

  private func ending(
    of process: WatchedProcess, _ shouldStop: () -> Bool, _ output: ([UInt8]) -> Void
  ) -> Result<WatchedProcess.Ending, SystemError> {
    var process = process
    process.grace = 1
    do throws(SystemError) {
      return .success(try process.run(shouldStop: shouldStop, output: output))
    } catch {
      return .failure(error)
    }
  }
}
