internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Starts, checks and stops the instances of the service.
struct ReleaseInstances {
  /// How long a unit may take to stop, in seconds: more than TimeoutStopSec= of a usual unit.
  private static let stopTime = 120.0
  /// How long units must have run when they are looked at again, in seconds.
  private static let watchTime = 1.5

  let store: Store
  let environment: Environment
  let layout: InstanceLayout
  let caller: CallerEnvironment
  let control: UnitControl

  init(_ layout: InstanceLayout, _ store: Store, _ environment: Environment) {
    self.layout = layout
    self.store = store
    self.environment = environment
    caller = environment.caller.asking(layout.manager)
    control = UnitControl(caller)
  }

  /// The link that the front connects to.
  var live: LiveLink { LiveLink(layout) }

  /// The releases whose instances run, start or stop.
  ///
  /// - Throws: `failed` when systemd can't be asked.
  func running() throws(ReleasesError) -> Set<ReleaseID> {
    if let running = InstanceUnits(layout, caller).running { return running }
    throw ReleasesError(
      .failed, "can't ask systemd which instances run",
      hint: Hint("see why", shell: "systemctl list-units \("\(layout.templates[0])*".shellQuoted)"))
  }

  /// The releases of this store whose instances run: others may share the template.
  ///
  /// - Throws: `failed` when systemd can't be asked, another error when the store can't be read.
  func ownRunning() throws(ReleasesError) -> Set<ReleaseID> {
    var own: Set<ReleaseID> = []
    let served = try? live.release()
    for id in try running() {
      let isKnown =
        if case .absent = try store.catalog.entry(id) { try store.hasDirectory(id) } else { true }
      if isKnown || id == served { own.insert(id) }
    }
    return own
  }

  /// Whether an instance that drains still runs, and was not started again since; true, too, if systemd
  /// can't be asked.
  func isRunning(_ drain: InstanceDrains.Drain) -> Bool {
    guard let unit = layout.units(of: drain.id).first,
      let start = InstanceUnits.start(of: unit, caller)
    else { return true }
    return start.map(drain.isOfUnit(startedAt:)) ?? false
  }

  /// Whether a unit of a release's instance runs, starts or stops; true, too, if systemd can't be asked.
  func runs(_ id: ReleaseID) -> Bool {
    InstanceUnits(layout, caller).running?.contains(id) ?? true
  }

  /// Compares the memory that a second instance needs with that of the host.
  ///
  /// - Parameters:
  ///   - live: the release whose instance runs beside it.
  ///   - memory: what the configuration says.
  /// - Returns: nil if it is not to be checked, or unknown.
  func memoryDemand(
    beside live: ReleaseID, _ memory: Configuration.Instances.Memory
  ) -> MemoryDemand? {
    let needed: Int64? =
      switch memory {
      case .unchecked: nil
      case .atLeast(let size): size.bytes
      case .automatic: InstanceUnits.memory(of: layout.units(of: live), caller)
      }
    guard let needed, let available = MemoryFacts.available else { return nil }
    return MemoryDemand(
      available: available, needed: needed, isMeasured: memory == .automatic)
  }

  /// Starts the instance of a release, and waits until it is healthy. An instance that runs already is
  /// only checked. The caller has recorded where it is.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - configuration: the configuration, whose units are those that are started.
  ///   - restarts: whether an instance that runs already is restarted.
  ///   - prefix: the prefix of the names of the steps.
  ///   - stop: called about ten times a second.
  /// - Returns: whether it is healthy, and otherwise the problem.
  func start(
    _ id: ReleaseID, _ configuration: Configuration, restarts: Bool = false, prefix: String = "",
    stop: StopCheck
  ) -> Confirmation {
    var confirmation = Confirmation()
    let programs = ReleasePrograms(store: store, environment: environment)
    let units = configuration.units(of: id)
    let before = programs.lifeBaseline(configuration, of: id)
    let start = Clock.monotonicSeconds()
    let limit = configuration.health?.timeout ?? TimeSpan(seconds: 60)
    environment.observer.step(.instanceStarts(id, units))
    _ = control.run(.resetFailed, units, within: 5, stop: stop)
    let failure = control.run(
      restarts ? .restart : .start, units, within: Double(limit.seconds), stop: stop)
    let death = failure.flatMap { failure in
      stop() == nil && failure.cause == .unit ? before?.deathDuringHook(caller, stop: stop) : nil
    }
    confirmation.addStart(
      failure.map { death?.problem ?? $0.message }, seconds: Clock.monotonicSeconds() - start,
      death,
      stopped: stop(), named: prefix + (restarts ? "restart" : "start"))
    confirmation.refusal = failure.flatMap { refusal($0, of: units) }
    if failure != nil { return confirmation }
    let counts = InstanceUnits.restarts(of: units, caller)
    guard let health = configuration.health else { return confirmation }
    confirmation.add(
      programs.waitForHealth(health, of: id, configuration, since: before, stop: stop),
      named: "\(prefix)health")
    confirmation.refusal = confirmation.denial?.error(unit: "\(layout.templates[0]).service")
    if confirmation.problem == nil, health.restarts == 0 {
      watchUnits(units, since: start, before, counts, &confirmation, prefix, stop)
    }
    return confirmation
  }

  /// Looks at the units again when they have run for a moment: one of them may die soon after its start,
  /// such as a worker, about which the health check says nothing.
  private func watchUnits(
    _ units: [String], since start: Double, _ before: LifeBaseline?, _ counts: [Int]?,
    _ confirmation: inout Confirmation, _ prefix: String, _ stop: StopCheck
  ) {
    let end = start + Self.watchTime
    while Clock.monotonicSeconds() < end, stop() == nil { Clock.sleep(seconds: 0.05) }
    if let reason = stop() {
      confirmation.addStart(
        "it was stopped \(reason)", seconds: Clock.monotonicSeconds() - start, nil, stopped: reason,
        named: "\(prefix)units")
      return
    }
    let now = InstanceUnits.restarts(of: units, caller) ?? []
    if let unit = zip(units, zip(counts ?? [], now)).first(where: { $1.0 < $1.1 })?.0 {
      confirmation.addStart(
        "\(unit) died soon after its start, and systemd has restarted it",
        seconds: Clock.monotonicSeconds() - start, nil, stopped: nil, named: "\(prefix)units")
      return
    }
    guard let death = before?.deathDuringHook(caller, stop: stop) else { return }
    confirmation.addStart(
      death.problem, seconds: Clock.monotonicSeconds() - start, death, stopped: nil,
      named: "\(prefix)units")
  }

  /// Stops units, and waits until they have ended. A failed state is cleared, since the unit of a
  /// release that failed is of no more use.
  ///
  /// - Parameters:
  ///   - units: the names of the units.
  ///   - waits: whether to wait.
  /// - Returns: why it failed, in one line; nil when they have been stopped.
  func stop(_ units: [String], waits: Bool = true) -> Message? {
    // Without the right to stop units, one that does not run is no problem.
    if let states = InstanceUnits.states(of: units, caller), states.allSatisfy({ $0 == "inactive" })
    {
      return nil
    }
    let failure = control.run(
      .stop, units, waits: waits, within: Self.stopTime, stop: { nil })
    if failure == nil, waits { _ = control.run(.resetFailed, units, within: 5, stop: { nil }) }
    return failure?.message
  }

  /// Stops the instance of a release. A failure only causes a warning, since recovery can try again.
  ///
  /// - Returns: whether it was stopped.
  @discardableResult
  func stopOrWarn(_ id: ReleaseID) -> Bool {
    guard let problem = stop(layout.units(of: id)) else { return true }
    environment.observer.warn(
      Notice(
        "can't stop the instance of \(id): \(problem)",
        hint: Hint("try again", command: ["recover"])))
    return false
  }

  /// Returns the error for units that can't be started, if that is not the fault of a release.
  private func refusal(_ failure: UnitControl.Failure, of units: [String]) -> ReleasesError? {
    let what = units.joined(separator: ", ")
    let hint = Hint("find out what is missing", command: ["check"])
    switch failure.cause {
    case .unit: return nil
    case .permission:
      let user = userName(ProcessFacts.effectiveUser)
      return ReleasesError(
        .permission, "systemd does not let \(user) start \(what)", hint: hint,
        cause: failure.message)
    case .host:
      return ReleasesError(
        .configuration, "systemd can't start \(what)", hint: hint, cause: failure.message)
    }
  }

  /// Restarts the units that have no instances, such as a worker that runs in `current`. A failure only
  /// causes a warning.
  func restartOthers() {
    let units = layout.restarted
    guard
      let failure = control.run(.restart, units, within: Self.stopTime, stop: { nil })
    else { return }
    environment.observer.warn(
      "can't restart \(verbatim: units.joined(separator: ", ")): \(failure.message)")
  }
}
