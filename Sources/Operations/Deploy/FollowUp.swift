/// The hooks that are told how it went.
extension Store {
  /// Runs the `succeeded` hook, if there is one. The store is not locked meanwhile, and trouble with
  /// it is a warning.
  func followUpSuccess(of id: ReleaseID, previous: ReleaseID?, _ environment: Environment) {
    guard let hook = try? configuration().hooks.succeeded else { return }
    followUp(
      HookCall(
        .succeeded, hook, id: id, previous: previous, ref: ref(of: id), event: "succeeded"),
      environment)
  }

  /// Runs the `failed` hook, if there is one, in the tree of what is live now.
  func followUpFailure(of id: ReleaseID, _ environment: Environment) {
    guard let hook = try? configuration().hooks.failed else { return }
    let live = (try? link(Layout.current))?.release
    var call = HookCall(.failed, hook, id: id, previous: live, ref: ref(of: id), event: "failed")
    call.place = live
    followUp(call, environment)
  }

  private func followUp(_ call: HookCall, _ environment: Environment) {
    let report = runWatched(call, environment, stop: { nil })
    if let problem = report.problem { environment.warn(problem) }
  }
}
