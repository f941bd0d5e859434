internal import Configuration
internal import HostPrograms
internal import ReleaseModel
internal import ReleaseStore

/// The hooks that run after a switch to report how it ended. The store is not locked while they
/// run, and their failure is a warning.
extension ReleasePrograms {
  /// Runs the `succeeded` hook, if there is one.
  func reportSuccess(of id: ReleaseID, previous: ReleaseID?) {
    guard let hook = try? store.configuration().hooks.succeeded else { return }
    report(
      HookCall(
        .succeeded, hook, id: id, previous: previous, ref: store.catalog.ref(of: id),
        event: "succeeded"))
  }

  /// Runs the `failed` hook, if there is one, in the directory of the live release.
  func reportFailure(of id: ReleaseID) {
    guard let hook = try? store.configuration().hooks.failed else { return }
    let live = (try? store.links.link(Layout.current))?.release
    var call = HookCall(
      .failed, hook, id: id, previous: live, ref: store.catalog.ref(of: id), event: "failed")
    call.workingRelease = live
    report(call)
  }

  private func report(_ call: HookCall) {
    let report = run(call, stop: { nil })
    if let problem = report.problem { environment.observer.warn(Notice(problem)) }
  }
}
