internal import Text

// Whether connections reach the instance of the live release, and which instances nothing stops.

extension StoreFacts {
  /// The findings about instances; empty while a switch or a restart changes them, or recovery will.
  var instanceFindings: [StoreFinding] {
    guard let instances, !isChangingInstances else { return [] }
    return (snapshot.live.map { serving($0, instances) + outdated($0, instances) } ?? [])
      + instances.instances.filter { $0.role == .orphaned }.map { orphaned($0, instances) }
  }

  /// The finding about an instance that has another unit or socket than the configuration says now.
  private func outdated(_ live: ReleaseID, _ overview: InstanceOverview) -> [StoreFinding] {
    if !overview.isOutdated { return [] }
    let error = ReleasesError.outdatedInstance(of: live)
    return [
      StoreFinding(.instanceOutdated, .warning, live, error.message, hint: error.hint)
    ]
  }

  /// The finding about an instance that runs although it is neither live nor draining. While connections go
  /// to it, it is not stopped: another one must be healthy first.
  private func orphaned(
    _ instance: InstanceOverview.Instance, _ overview: InstanceOverview
  ) -> StoreFinding {
    let id = instance.id
    let stop = Hint("stop the instance", command: ["recover"])
    if let unit = instance.units.first?.name, !overview.layout.units(of: id).contains(unit) {
      return StoreFinding(
        .instanceOrphaned, .warning, id,
        "\(verbatim: unit) of \(id) runs although it is neither live nor draining",
        hint: id == snapshot.live && !instance.isRehearsal
          ? Hint("stop it, and restart the instance that is configured", command: ["restart"])
          : stop)
    }
    if overview.isServedOrphan(id) {
      return StoreFinding(
        .instanceOrphaned, .warning, id,
        "connections go to the instance of \(id), which is neither live nor draining",
        hint: serveHint(id, overview))
    }
    return StoreFinding(
      .instanceOrphaned, .warning, id,
      "the instance of \(id) runs although it is neither live nor draining", hint: stop)
  }

  /// How to let an instance serve that is live and healthy, while another one serves.
  private func serveHint(_ served: ReleaseID, _ overview: InstanceOverview) -> Hint {
    guard let live = snapshot.live else {
      return Hint("make the release of that instance live", command: ["activate", served.text])
    }
    // It runs, and a restart would interrupt it.
    if overview.isOutdated {
      return Hint("let connections go to the instance of \(live)", command: ["recover"])
    }
    return Hint(
      "start the instance of \(live) again; connections go to it once it is healthy",
      command: ["restart"])
  }

  private var isChangingInstances: Bool {
    if runningRestart != nil { return true }
    return journal.entry?.openInstanceSwitch != nil
  }

  private func serving(
    _ live: ReleaseID, _ overview: InstanceOverview
  ) -> [StoreFinding] {
    let path = overview.layout.live
    let recover = Hint("point it to the socket of \(live)", command: ["recover"])
    func finding(_ message: Message, _ hint: Hint) -> [StoreFinding] {
      [StoreFinding(.instanceNotServing, .problem, live, message, hint: hint)]
    }
    switch overview.link {
    case .release(live):
      guard let instance = overview.instances.first(where: { $0.id == live }),
        instance.isListening == false
      else { return [] }
      let states = instance.units.compactMap { unit in
        unit.activeState.map { "\(unit.name) is \($0)" }
      }
      let state = states.isEmpty ? "" : "; \(states.joined(separator: ", "))"
      return finding(
        "\(live) is live, but no process listens at \(path: instance.socket)\(verbatim: state)",
        overview.isOutdated
          ? Hint("start it as it is configured now", command: ["restart"])
          : Hint("start its instance", command: ["recover"]))
    case .release(let other):
      // `recover` would not wait until the other instance is healthy.
      return finding(
        "\(path: path) points to the socket of \(other), but \(live) is live",
        overview.isServedOrphan(other) ? serveHint(other, overview) : recover)
    case .elsewhere(let text):
      return finding(
        "\(path: path) points to \(path: text), which is not the socket of a release", recover)
    case .missing:
      return finding("\(live) is live, but the link \(path: path) is missing", recover)
    case .noDirectory:
      return finding(
        "\(live) is live, but \(path: path.parentDirectory), the directory of service.live, does not exist",
        Hint(
          "make it with systemd-tmpfiles, and then run 'releases recover'",
          shell: "\(asRoot)systemd-tmpfiles --create"))
    case .notALink(let isDirectory):
      let removal = InstanceOverview.Link.removal(isDirectory: isDirectory)
      return finding(
        "\(path: path) is not a link",
        Hint(
          "remove it, and then run 'releases recover'", shell: "\(removal) \(path.shellQuoted)"))
    case .unreadable(let reason):
      return [
        StoreFinding(
          .instanceNotServing, isForOwner ? .problem : .note, live, reason,
          hint: Hint("see the details", command: ["check"]))
      ]
    }
  }
}

extension InstanceOverview {
  /// Whether connections go to the instance of a release, although it is neither live nor draining.
  fileprivate func isServedOrphan(_ id: ReleaseID) -> Bool {
    role(of: id) == .orphaned && serves(id)
  }
}
