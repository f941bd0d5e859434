internal import CommandLineKit
internal import Configuration
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

extension Command {
  static let recover = Command(
    name: "recover",
    summary: "Finish or undo an interrupted transaction",
    group: .maintain,
    roles: [.cron],
    details: [
      """
      Reads the journal and the disk, and brings the store into one of two states: as it was before \
      the transaction, or as the transaction requested. Links that were moved by hand are kept, and \
      the history records them; if only current was moved, the release that was live before becomes \
      the rollback target. The command prints what it did, and nothing if there was nothing to \
      recover. It is safe to repeat, even if it is interrupted itself.
      """,
      """
      A switch that was waiting for its hook or health check is undone: both links are restored, \
      the new release is marked bad unless it was live and good before, and the activate hook \
      makes the service use the old one.
      """,
      """
      With instances (service.socket), a switch is undone if the new release was not live yet: its \
      instance is stopped, and the old one still serves, or is started again with 'overlap: false'. \
      The command also starts the instance of the live release if it does not run, points the link \
      service.live to it, and stops the instances that are neither live nor draining. An instance \
      that was started with an earlier configuration is left as it is. With --boot, the instance of \
      the live release is queued, and systemd starts it after this command.
      """,
      """
      Recovery does not wait until the service is healthy. At the end, the command checks once \
      whether the service runs the live release and is healthy, and prints a warning if not.
      """,
      """
      Every command that changes the store recovers first, so this command is rarely needed.
      """,
      """
      With --boot the command never waits for the lock. If another process holds the lock, recovery \
      is left to that process: the command says so on standard error and exits with 0. It also \
      exits with 0 if there is no store yet.
      """,
    ],
    options: [
      Option(
        .boot,
        help: "Run no hooks and never wait for the lock, for a unit ordered before the service"
      )
    ] + Option.changing,
    examples: [
      ("releases recover", "Recover now"),
      ("releases recover --boot", "Recover in a systemd unit ordered before the service"),
    ],
    synonyms: ["repair", "fix"],
    run: { (invocation, context) throws(ReleasesError) in
      let isBoot = invocation.flag(.boot)
      let store: Store
      do throws(ReleasesError) {
        store = try context.openStore()
      } catch let error where isBoot && error.code == .noSuchStore && context.mayComeLater {
        context.notices.printLine("no store at \(context.storePath) yet")
        return result("unchanged")
      }
      if invocation.flag(.dryRun) { return try plan(store, context, isBoot: isBoot) }
      do throws(ReleasesError) {
        // At boot it does not wait for the lock: the holder may be a deployment that waits for the
        // service, which in turn waits for this process.
        let environment = try context.environment()
        let recovered = try withTransaction(
          on: store, environment,
          waitingUpTo: isBoot ? 0 : try invocation.waitSeconds(), hooks: isBoot ? .skip : .repair
        ) { transaction throws(ReleasesError) in transaction.recovered }
        if !isBoot, !recovered.isEmpty { warnAboutService(of: store, environment, context) }
        return result(
          recovered.isEmpty ? "unchanged" : "done", recovered,
          remaining: isBoot || recovered.isEmpty
            ? nil : nothingLive(in: store, environment, context))
      } catch let error where isBoot && error.code == .locked {
        let holder = try store.journal.lockHolder(bootID: try context.actor().bootID)
        let name = holder?.name ?? "another process"
        context.notices.printLine("recovery is left to \(name), which holds the lock")
        return result("left")
      }
    })

  /// Returns what a recovery would do, for a dry run.
  ///
  /// - Throws: an error when the store can't be read.
  private static func plan(
    _ store: Store, _ context: Context, isBoot: Bool
  ) throws(ReleasesError) -> CommandResult {
    if isBoot, let holder = try store.journal.lockHolder(bootID: try context.actor().bootID) {
      context.notices.printLine("would leave recovery to \(holder.name), which holds the lock")
      return result("left")
    }
    let planned = try Recovery.plan(
      store, try context.environment(), hooks: isBoot ? .skip : .repair)
    let report = ChangeReport(
      command: "recover", id: nil, outcome: planned.isEmpty ? "unchanged" : "done",
      dryRun: true, recovered: planned)
    return CommandResult(report) { style in
      planned.map { style.sentence("would \($0)") }.joined()
    }
  }

  /// Looks once at what the service runs, since recovery waits for no health check, and warns unless that is
  /// the live release.
  private static func warnAboutService(
    of store: Store, _ environment: Environment, _ context: Context
  ) {
    guard let live = try? store.links.link(Layout.current).release,
      let configuration = try? store.configuration()
    else { return }
    let instances = InstanceOverview(in: store, environment)
    let state = LiveState(of: live, in: store, isSwitching: false, instances, environment)
    for finding in state.findings where finding.level == .problem {
      let restart = Hint(
        "it may still be starting; to restart it and wait until it is healthy",
        command: ["restart"])
      context.notices.warn(
        Notice(
          finding.message,
          hint: configuration.hooks.activate == nil && configuration.instances == nil
            ? finding.hint : restart))
    }
  }

  /// Returns the line that says that nothing is live although the store has releases, and what to do;
  /// nil otherwise.
  private static func nothingLive(
    in store: Store, _ environment: Environment, _ context: Context
  ) -> Message? {
    guard (try? store.links.link(Layout.current))?.release == nil,
      let facts = try? StoreFacts(store, environment), facts.snapshot.live == nil,
      !facts.snapshot.catalog.entries.isEmpty, facts.snapshot.current.state != .notALink,
      // The service may run what `current` points to, although it is not a release.
      store.links.foreignTarget(of: facts.snapshot.current) == nil
    else { return nil }
    let findings = storeFindings(facts).filter { [.nothingLive, .currentBroken].contains($0.code) }
    let hint = findings.compactMap { $0.hint?.line(for: context.reader) }.last
    return "nothing is live" + (hint.map { "; \($0)" } ?? "")
  }

  private static func result(
    _ outcome: String, _ recovered: [Message] = [], remaining: Message? = nil
  ) -> CommandResult {
    let report = ChangeReport(
      command: "recover", id: nil, outcome: outcome, recovered: recovered)
    return CommandResult(report) { style in
      (recovered.isEmpty ? "" : "recovered\n") + (remaining.map { style.sentence($0) } ?? "")
    }
  }
}

extension Context {
  /// Whether the store's path does not exist yet, or is a directory that is not a store. A symbolic
  /// link that points to nothing does not count: the store's disk may not be mounted.
  fileprivate var mayComeLater: Bool {
    do throws(SystemError) {
      let root = try Descriptor.openDirectory("/")
      guard try root.statusIfPresent(of: storePath) != nil else { return true }
      return try root.targetStatus(of: storePath).kind == .directory
    } catch {
      return false
    }
  }
}
