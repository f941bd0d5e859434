internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Runs the hooks and the health check of a store, and reports each event to the observer.
struct ReleasePrograms {
  let store: Store
  let environment: Environment

  /// Runs a hook.
  ///
  /// - Parameters:
  ///   - call: the hook and its context.
  ///   - stop: called about ten times a second.
  /// - Returns: how the hook ended.
  func run(_ call: HookCall, stop: StopCheck) -> HookReport {
    let observer = environment.observer
    observer.step(.hookBegins(call))
    let runner = HookRunner(
      actor: environment.actor, caller: environment.caller, warn: { observer.warn(Notice($0)) })
    let report = runner.run(call, in: store.directories, logs: logs(), stop: stop) {
      observer.step(.hookPrinted($0))
    }
    observer.step(.hookEnded(report))
    return report
  }

  /// Runs the activate hook. The start limits of configured units are reset first, so that failed
  /// starts of one release can't block the restart of another.
  ///
  /// - Parameters:
  ///   - call: the hook and its context.
  ///   - configuration: the configuration of the store.
  ///   - stop: called about ten times a second.
  /// - Returns: how the hook ended.
  func runActivateHook(
    _ call: HookCall, _ configuration: Configuration, stop: StopCheck
  ) -> HookReport {
    for unit in configuration.units(of: call.id) {
      StartLimitReset(unit: unit).run(environment.caller, stop: stop)
    }
    return run(call, stop: stop)
  }

  /// Waits until the live release is healthy.
  ///
  /// - Parameters:
  ///   - health: what the configuration says about the health check.
  ///   - id: the live release.
  ///   - place: the place that is live instead of the release; nil for the release.
  ///   - configuration: the configuration of the store.
  ///   - before: what ran before the activate hook; nil when it was not recorded.
  ///   - stop: called about ten times a second.
  /// - Returns: how the check ended.
  func waitForHealth(
    _ health: Configuration.Health, of id: ReleaseID, place: ForeignPlace? = nil,
    _ configuration: Configuration, since before: LifeBaseline?, stop: StopCheck
  ) -> HealthReport {
    let observer = environment.observer
    observer.step(.healthBegins(place?.text ?? id.text, health))
    let report = healthCheck(health, of: id, place: place, configuration)
      .wait(since: before, stop: stop) { observer.step(.healthTried($0)) }
    observer.step(.healthEnded(report))
    return report
  }

  /// Returns the health check of the live release, or of a place that is live instead. Whether the
  /// service runs in such a place is not checked.
  func healthCheck(
    _ health: Configuration.Health, of id: ReleaseID, place: ForeignPlace? = nil,
    _ configuration: Configuration
  ) -> HealthCheck {
    var subject = HealthSubject(
      id: id, previous: (try? store.links.link(Layout.previous))?.release,
      ref: place == nil ? store.catalog.ref(of: id) : nil)
    subject.place = place
    return HealthCheck(
      health, services: place == nil ? configuration.units(of: id) : [], of: subject,
      in: store.directories, caller(configuration))
  }

  /// Looks at what runs before the service is made to use a release; nil when neither a health check nor
  /// a unit is configured.
  func lifeBaseline(_ configuration: Configuration, of id: ReleaseID) -> LifeBaseline? {
    let units = configuration.units(of: id)
    if configuration.health == nil, units.isEmpty { return nil }
    return LifeBaseline(
      configuration.health, services: units, in: store.directories, caller(configuration))
  }

  /// What programs get from the caller, and which systemd runs the units.
  private func caller(_ configuration: Configuration) -> CallerEnvironment {
    var caller = environment.caller
    if let instances = configuration.instances { caller.manager = instances.layout.manager }
    return caller
  }

  /// Refuses programs that can't or must not run, before anything is changed.
  ///
  /// - Parameters:
  ///   - activation: whose activate hook and health check will run; nil for none.
  ///   - id: the release in which they will run; nil when it does not exist yet.
  ///   - preparation: whose prepare hook will run; nil for none.
  /// - Throws: `configuration` or `unsafeOwner` for the first such program.
  func refuseUnusable(
    activate activation: Configuration? = nil, in id: ReleaseID? = nil,
    prepare preparation: Configuration? = nil
  ) throws(ReleasesError) {
    var configuration = activation?.programsOfSwitch ?? Configuration()
    configuration.hooks.prepare = preparation?.hooks.prepare
    if let problem = problems(in: configuration).first { throw problem }
    guard let activation, let id else { return }
    if let problem = problems(in: activation.programsOfSwitch, of: id).first { throw problem }
  }

  /// Returns one error for each program that can't or must not run.
  ///
  /// - Parameters:
  ///   - configuration: the configuration that names the programs.
  ///   - id: the release whose programs are checked; nil for those of the host.
  /// - Returns: the errors.
  func problems(in configuration: Configuration, of id: ReleaseID? = nil) -> [ReleasesError] {
    if configuration.commands.isEmpty { return [] }
    do throws(ReleasesError) {
      let check = ProgramCheck(store: store.path, owner: try store.ownership().owner)
      return id.map { check.problems(in: configuration, of: $0) }
        ?? check.problems(in: configuration)
    } catch {
      return [error]
    }
  }

  private func logs() -> HookLogs {
    do throws(ReleasesError) {
      return HookLogs(
        try store.controlDirectory(Layout.logs), path: store.path(Layout.control, Layout.logs))
    } catch {
      return HookLogs(unavailable: error.cause ?? error.message)
    }
  }
}
