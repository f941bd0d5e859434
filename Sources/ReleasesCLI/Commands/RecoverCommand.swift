internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

extension Command {
  static let recover = Command(
    name: "recover",
    summary: "settle a transaction that was interrupted",
    group: .maintain,
    roles: [.cron],
    details: [
      """
      Reads the journal, looks at the disk, and brings the store to one of two ends: as it was, or \
      as it was asked to be. Links that were moved by hand are taken as they are, and noted. It \
      says what it did, and nothing when there was nothing to settle. Safe to repeat, also when it \
      is interrupted itself.
      """,
      """
      A switch that was waiting for its hook or its health check goes back: the release it was for \
      is marked bad, and the activate hook lets the service use the old one.
      """,
      "Every command that changes the store does this first, so it is seldom typed by hand.",
      """
      With --boot the command never waits for the lock: where another process holds it, recovery is \
      left to that process, and the command says so on standard error and exits with 0. It also \
      exits with 0 where there is no store yet.
      """,
    ],
    options: [
      Option(
        .boot,
        help: "for the unit before the service: run no hooks, never wait for the lock"
      )
    ] + Option.changing,
    examples: [
      ("releases recover", "settle it now"),
      ("releases recover --boot", "in a systemd unit ordered before the service"),
    ],
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
        let recovered = try withTransaction(
          on: store, try context.environment(),
          waitingUpTo: isBoot ? 0 : try invocation.waitSeconds(), hooks: isBoot ? .skip : .run
        ) { transaction throws(ReleasesError) in transaction.recovered }
        return result(recovered.isEmpty ? "unchanged" : "done", recovered)
      } catch let error where isBoot && error.code == .locked {
        let holder = try store.journal.lockHolder(bootID: try context.actor().bootID)
        let name = holder?.name ?? "another process"
        context.notices.printLine("recovery is left to \(name), which holds the lock")
        return result("left")
      }
    })

  private static func plan(
    _ store: Store, _ context: Context, isBoot: Bool
  ) throws(ReleasesError) -> CommandResult {
    if isBoot, let holder = try store.journal.lockHolder(bootID: try context.actor().bootID) {
      context.notices.printLine("would leave recovery to \(holder.name), which holds the lock")
      return result("left")
    }
    let planned = try Recovery.plan(store, hooks: isBoot ? .skip : .run)
    let report = ChangeReport(
      command: "recover", id: nil, outcome: planned.isEmpty ? "unchanged" : "done",
      dryRun: true, recovered: planned)
    return CommandResult(report) { style in
      planned.map { style.sentence("would \($0)") }.joined()
    }
  }

  private static func result(_ outcome: String, _ recovered: [String] = []) -> CommandResult {
    let report = ChangeReport(
      command: "recover", id: nil, outcome: outcome, recovered: recovered)
    return CommandResult(report) { _ in recovered.isEmpty ? "" : "recovered\n" }
  }
}

extension Context {
  /// Whether the store's path does not exist yet, or is a directory that is no store. A symbolic
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
