internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Finds what uses the directories of releases.
struct ReleaseOccupancy {
  let store: Store

  /// Finds the names in `releases/` that a process uses, or whose instance runs: another user's processes
  /// may be hidden from the owner of the store.
  ///
  /// - Throws: an error when the processes can't be listed.
  func inUse() throws(ReleasesError) -> Set<String> {
    try withErrorMessage("can't list the processes") { () throws(SystemError) in
      try DirectoriesInUse.names(beneath: store.releases)
    }.union(withInstances())
  }

  private var lastEntry: JournalEntry? { (try? store.journal.last()).flatMap { $0 } }

  /// The releases whose instances drain while a process waits for them. They may have the units of an
  /// earlier configuration.
  private var draining: [ReleaseID] {
    let living = (try? HostFacts.bootID()).flatMap { lastEntry?.livingDrains(bootID: $0) }
    return living?.drains.map(\.id) ?? []
  }

  private func withInstances() -> Set<String> {
    guard let layout = (try? store.configuration())?.instances?.layout else { return [] }
    let caller = CallerEnvironment().asking(layout.manager)
    let served = (try? LiveLink(layout).release()).flatMap { $0 }
    // The journal does not record the end of a drain.
    let running =
      InstanceUnits(layout, caller).running ?? Set(lastEntry?.draining?.drains.map(\.id) ?? [])
    return Set((running + draining + [served].compactMap { $0 }).map(\.text))
  }

  /// Returns why the instance of a release that is not live keeps it, and what helps; nil if it has none.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - live: the live release; nil for none.
  /// - Returns: the error.
  func instanceProblem(of id: ReleaseID, live: ReleaseID?) -> ReleasesError? {
    guard let layout = (try? store.configuration())?.instances?.layout else { return nil }
    let running = InstanceUnits(layout, CallerEnvironment().asking(layout.manager)).running
    func problem(_ reason: Message, _ hint: Hint) -> ReleasesError {
      ReleasesError(.inUse, "release \(id) is in use: \(reason)", hint: hint)
    }
    if (try? LiveLink(layout).release()) == id, running?.contains(id) ?? true {
      return problem(
        "connections go to its instance",
        live == nil
          ? Hint("first make another release live; see", command: ["list"])
          : Hint(
            "first let connections go to the instance of the live release; see how",
            command: ["status"]))
    }
    if draining.contains(id), running?.contains(id) ?? true {
      return problem(
        "its instance drains",
        Hint(
          "wait until the connections of the instance have ended, at most service.drain; see",
          command: ["status"]))
    }
    guard let running, running.contains(id) else { return nil }
    return problem("its instance runs", Hint("stop the instance", command: ["recover"]))
  }

  /// Finds the names in `releases/` in which, or on which, something is mounted.
  ///
  /// - Throws: an error when the mounts can't be listed.
  func withMounts() throws(ReleasesError) -> Set<String> {
    try withErrorMessage("can't list the mounts") { () throws(SystemError) in
      try Mounts.names(beneath: store.releases)
    }
  }
}
