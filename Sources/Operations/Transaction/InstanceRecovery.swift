internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Recovery {
  /// Executes a step that starts or stops an instance. A failure is only a warning, like that of a hook:
  /// a unit that is broken must not block every command.
  static func executeOnInstances(
    _ step: RecoveryStep, _ entry: JournalEntry, _ transaction: inout Transaction
  ) {
    var layout = entry.layoutForRecovery(of: transaction.store, transaction.environment)
    // The instances that drain may be elsewhere than those that are configured now.
    if case .stopInstance(let id) = step, entry.phase == .done, let draining = entry.draining,
      draining.drains.contains(where: { $0.id == id })
    {
      layout = draining.layout
    }
    guard let layout else { return }
    let instances = ReleaseInstances(layout, transaction.store, transaction.environment)
    let isBoot = transaction.hooks == .skip
    switch step {
    case .serveInstance(let id, let starts):
      let earlier = earlierInstances(than: layout, transaction)
      if entry.phase == .intent, let earlier, leavesServing(id, entry, earlier, transaction) {
        return
      }
      serve(id, starts: starts, isBoot: isBoot, instances, &transaction)
      guard LocalSocket.accepts(layout.socket(of: id)) else { return }
      // The front may still connect by an earlier link, or by one that is configured since.
      if entry.phase == .done || id == entry.id { earlier?.pointLinks() }
      if entry.phase == .done { pointConfiguredLink(to: instances.live, layout, &transaction) }
    case .stopInstance(let id)
    where (entry.phase == .done || id != entry.id) && isServing(id, instances, transaction):
      transaction.environment.observer.warn(
        "the instance of \(id) was not stopped, because the front connects to it")
      // The next command decides.
      if entry.phase == .intent { transaction.beginDrain(of: id, layout, isAwaited: false) }
    case .stopInstance(let id):
      let earlier = entry.phase == .done ? earlierInstances(than: layout, transaction) : nil
      if let problem = instances.stop(layout.units(of: id), waits: !isBoot)
        ?? earlier?.stop(id, waits: !isBoot)
      {
        transaction.environment.observer.warn("can't stop the instance of \(id): \(problem)")
        transaction.beginDrain(of: id, layout, isAwaited: false)
      } else {
        transaction.endDrain(of: id)
        if entry.phase == .done {
          transaction.reportRecovery("stopped the instance of \(id), which was not live")
        }
      }
    case .drainInstance(let id):
      drain(id, isBoot: isBoot, instances, &transaction)
    case .stopRehearsal(let id):
      guard let unit = rehearsalUnit(of: id, entry, transaction.store) else { return }
      if let problem = instances.stop([unit], waits: !isBoot) {
        transaction.environment.observer.warn("can't stop the rehearsal of \(id): \(problem)")
      } else if entry.phase == .done {
        transaction.reportRecovery("stopped the rehearsal of \(id)")
      }
    case .restartUnits where !isBoot:
      instances.restartOthers()
    default: break
    }
  }

  /// Lets an old instance drain. This process stops it when the lock has been released.
  private static func drain(
    _ id: ReleaseID, isBoot: Bool, _ instances: ReleaseInstances, _ transaction: inout Transaction
  ) {
    let earlier = earlierInstances(than: instances.layout, transaction)
    let place = earlier?.layout(running: id) ?? instances.layout
    let found = ReleaseInstances(place, transaction.store, transaction.environment)
    if !isBoot, found.runs(id) {
      let isServing = found.isServing(id) || instances.isServing(id)
      if isServing {
        transaction.environment.observer.warn(
          "the instance of \(id) was not stopped, because the front connects to it")
      }
      return transaction.beginDrain(of: id, place, isAwaited: !isServing)
    }
    if let problem = found.stop(place.units(of: id), waits: !isBoot) {
      transaction.environment.observer.warn("can't stop the instance of \(id): \(problem)")
    }
    transaction.endDrain(of: id)
  }

  private static func earlierInstances(
    than layout: InstanceLayout, _ transaction: borrowing Transaction
  ) -> EarlierInstances? {
    EarlierInstances(unlike: layout, in: transaction.store, transaction.environment)
  }

  /// Whether the front connects to the instance of a release, by any link, and it may stay. Without overlap,
  /// none may run beside the one that is started.
  private static func isServing(
    _ id: ReleaseID, _ instances: ReleaseInstances, _ transaction: borrowing Transaction
  ) -> Bool {
    let configured = (try? transaction.store.configuration())?.instances
    if configured?.overlap == false { return false }
    let layouts = [instances.layout] + transaction.store.startedLayouts
    return layouts.contains {
      ReleaseInstances($0, transaction.store, transaction.environment).isServing(id)
    }
  }

  /// Makes the link that is configured now, if the live release still has an earlier one: the front may use
  /// it already. A failure is only a warning.
  private static func pointConfiguredLink(
    to live: LiveLink, _ layout: InstanceLayout, _ transaction: inout Transaction
  ) {
    guard let configured = (try? transaction.store.configuration())?.instances?.layout,
      configured.live != layout.live
    else { return }
    do throws(ReleasesError) {
      guard try LiveLink(configured).point(to: live, creating: true) else { return }
      transaction.reportRecovery("pointed \(path: configured.live) to \(path: layout.live)")
    } catch {
      transaction.environment.observer.warn(Notice(error))
    }
  }

  /// Decides about the instances that an interrupted switch has found, and that were started with an
  /// earlier configuration. Without overlap, none of them may run beside the one that serves, so they are
  /// stopped.
  ///
  /// - Returns: whether the old release runs with the earlier configuration. It is not touched then: it
  ///   may be unable to start with the new one.
  private static func leavesServing(
    _ id: ReleaseID, _ entry: JournalEntry, _ earlier: EarlierInstances,
    _ transaction: borrowing Transaction
  ) -> Bool {
    let running = earlier.running
    let isLeft = id != entry.id && running.contains(id)
    if entry.instances?.overlap == false {
      for other in running where other != id || !isLeft {
        guard let problem = earlier.stop(other) else { continue }
        transaction.environment.observer.warn("can't stop the instance of \(other): \(problem)")
      }
    }
    return isLeft
  }

  /// The unit that rehearses a release: that of the interrupted switch, or else the configured one.
  private static func rehearsalUnit(
    of id: ReleaseID, _ entry: JournalEntry, _ store: Store
  ) -> String? {
    if entry.phase == .intent { return entry.instances?.rehearsalUnit(of: id) }
    return (try? store.configuration())?.instances?.rehearsalLayout?.units(of: id).first
  }

  private static func serve(
    _ id: ReleaseID, starts: Bool, isBoot: Bool, _ instances: ReleaseInstances,
    _ transaction: inout Transaction
  ) {
    do throws(ReleasesError) {
      let serving = try instances.serve(id, starts: starts, isBoot: isBoot)
      // It is known again what the service runs.
      if starts { transaction.store.confirmationFile.remove() }
      switch serving {
      case .nothing: return
      case .linked:
        transaction.reportRecovery("pointed \(path: instances.layout.live) to the socket of \(id)")
      case .started: transaction.reportRecovery("started the instance of \(id)")
      case .queued: transaction.reportRecovery("queued the start of the instance of \(id)")
      case .left(let unit):
        transaction.reportRecovery("left the start of the instance of \(id) to \(unit)")
      }
    } catch {
      transaction.environment.observer.warn(
        Notice("the instance of \(id) does not serve: \(error.line)", hint: error.hint))
      record(error.line, id.text, &transaction)
    }
  }
}

extension JournalEntry {
  /// Where the instances are: what an interrupted switch has recorded, or else where the instance of the
  /// live release is, or else where they have drained since the last switch between instances.
  func layoutForRecovery(of store: Store, _ environment: Environment) -> InstanceLayout? {
    if let openInstanceSwitch { return openInstanceSwitch.layout }
    guard let configured = (try? store.configuration())?.instances?.layout else {
      return draining?.layout
    }
    let live = (try? store.links.link(Layout.current))?.release
    return store.runningLayout(of: live, configured, environment)
  }

  /// The instances that drain; nil after a reboot, which has ended them.
  func drains(bootID: String) -> InstanceDrains? { self.bootID == bootID ? draining : nil }

  /// The instances that drain and whose processes still run.
  ///
  /// - Parameter bootID: the ID of the current boot.
  /// - Returns: nil for none.
  func livingDrains(bootID: String) -> InstanceDrains? {
    guard let draining, self.bootID == bootID else { return nil }
    let living = draining.drains.filter(\.isWaiting)
    return living.isEmpty ? nil : InstanceDrains(layout: draining.layout, drains: living)
  }

  /// The instances that drain although the processes that should stop them have ended.
  func abandonedDrains(bootID: String) -> [InstanceDrains.Drain] {
    guard let draining, self.bootID == bootID else { return [] }
    return draining.drains.filter { !$0.isWaiting }
  }
}

extension RecoveryStep {
  /// Whether the step would change nothing, because the instance serves already.
  ///
  /// - Parameters:
  ///   - facts: what is known of the instances; nil if the service has none.
  ///   - entry: the last entry of the journal.
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  /// - Returns: false for a step of another kind.
  func isDone(
    _ facts: InstanceFacts?, _ entry: JournalEntry, _ store: Store, _ environment: Environment
  ) -> Bool {
    guard case .serveInstance(let id, _) = self, let facts,
      let layout = entry.layoutForRecovery(of: store, environment)
    else { return false }
    let earlier = EarlierInstances(unlike: layout, in: store, environment)
    if entry.phase == .intent, id != entry.id, earlier?.running.contains(id) == true { return true }
    return facts.served == id && ReleaseInstances(layout, store, environment).listens(id)
  }
}

extension InstanceDrains.Drain {
  /// Whether the process that will stop the instance still runs.
  fileprivate var isWaiting: Bool { ProcessFacts.startTimeIfRunning(of: pid) == processStart }
}

extension InstanceFacts {
  /// Reads what recovery needs to know of the instances; nil if the service has none.
  ///
  /// - Parameters:
  ///   - entry: the last entry of the journal.
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  /// - Throws: an error when the links can't be read.
  init?(
    for entry: JournalEntry, in store: Store, _ environment: Environment
  ) throws(ReleasesError) {
    guard let layout = entry.layoutForRecovery(of: store, environment) else { return nil }
    self.init(
      current: try store.links.link(Layout.current).release,
      served: (try? LiveLink(layout).release()).flatMap { $0 })
    if let configuration = try? store.configuration() {
      isConfigured = configuration.instances != nil
    }
    if let bootID = try? HostFacts.bootID() {
      abandonedDrains = entry.abandonedDrains(bootID: bootID).map(\.id)
    }
  }
}
