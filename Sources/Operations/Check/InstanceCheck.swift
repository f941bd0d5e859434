internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

// What instances of the service need from the host.

extension Check {
  /// An ID that no release has, with which permissions are tried: systemd has nothing to do for its units.
  private static let triedID = "releases-check"
  /// How long each attempt may take, in seconds.
  private static let attemptTime = 5.0

  /// Reports what would keep an instance from being started, served or stopped.
  ///
  /// - Throws: ``ReleasesError`` when the store can't be read.
  func instances(_ store: Store) throws(ReleasesError) -> [Finding] {
    // Another check reports an invalid configuration.
    guard let instances = (try? store.configuration())?.instances else { return [] }
    let live = try store.links.link(Layout.current).release
    let templates = knownTemplates(instances)
    var findings = templates.findings + unknownUnits(instances.layout)
    if let problem = LiveLink(instances.layout).problem() {
      findings.append(asFinding(problem))
    } else {
      findings.append(
        finding("instances", .ok, "\(path: instances.layout.live) can be replaced"))
    }
    // A unit that systemd does not know can't be stopped either.
    let isForOwner = try store.ownership().isOfThisUser
    if templates.areKnown, isForOwner { findings += rights(instances, live: live) }
    if let live { findings += memory(instances, beside: live, store) }
    if isForOwner, let live, let denial = SocketDenial(of: instances.layout.socket(of: live)) {
      findings.append(asFinding(denial.error(unit: "\(instances.layout.templates[0]).service")))
    }
    return findings
      + (templates.areKnown && isForOwner ? startAtBoot(instances.layout) : [])
      + recoveryAtBoot(instances, store)
  }

  /// The templates that systemd knows, and whether it knows all.
  private func knownTemplates(
    _ instances: Configuration.Instances
  ) -> (findings: [Finding], areKnown: Bool) {
    let layout = instances.layout
    let templates =
      layout.templates
      + (instances.rehearsal.map { layout.templates.contains($0) ? [] : [$0] } ?? [])
    var areKnown = true
    let findings = templates.compactMap { template -> Finding? in
      let unit = "\(template)\(Self.triedID).service"
      switch properties(["LoadState"], of: unit, layout.manager)?["LoadState"] {
      case "loaded"?:
        return finding("instances", .ok, "systemd knows the unit \(template).service")
      case "not-found"?, "bad-setting"?, "error"?:
        areKnown = false
        return Finding(
          subject: "instances", level: .problem,
          message: "systemd does not know the unit \(template).service, or can't load it",
          hint: Hint(
            "install it, run 'systemctl daemon-reload', and see what systemd says about it",
            shell: "systemctl \(layout.manager.option)status \(unit.shellQuoted)"),
          code: .rolledBack)
      default:
        areKnown = false
        return Finding(
          subject: "instances", level: .problem,
          message: """
            systemd can't be asked about \(template).service, so no instance can be started
            """,
          hint: Hint(
            "see why",
            shell: "systemctl \(layout.manager.option)list-units \("\(template)*".shellQuoted)"),
          code: .failed)
      }
    }
    return (findings, areKnown)
  }

  /// Tries to stop an instance that does not exist, and to reset its start limit.
  private func rights(_ instances: Configuration.Instances, live: ReleaseID?) -> [Finding] {
    let layout = instances.layout
    let control = UnitControl(environment.caller.asking(layout.manager))
    let units = layout.templates.map { "\($0)\(Self.triedID).service" }
    if let problem = control.run(.stop, units, within: Self.attemptTime, stop: { nil }) {
      return [
        Finding(
          subject: "instances", level: .problem,
          message: """
            \(userName(ProcessFacts.effectiveUser)) can't start or stop instances: \
            \(problem.message)
            """,
          hint: rightsHint(layout), code: live == nil ? .needsPerson : .rolledBack)
      ]
    }
    var findings = [finding("instances", .ok, "instances can be started and stopped")]
    // systemd forgets a unit that does not run and has not failed, and then has nothing to reset.
    if let problem = control.run(.resetFailed, units, within: Self.attemptTime, stop: { nil }),
      !problem.message.text.hasSuffix(" not loaded.")
    {
      findings.append(
        finding(
          "start limit", .warning,
          """
          the start limit of an instance can't be reset, so systemd may refuse a release that was \
          started often: \(problem.message)
          """, hint: rightsHint(layout)))
    }
    return findings
  }

  /// Reports the units without instances that systemd does not know. Whether the owner may restart them
  /// can't be tried without an effect.
  private func unknownUnits(_ layout: InstanceLayout) -> [Finding] {
    layout.restarted.compactMap { unit in
      guard properties(["LoadState"], of: unit, layout.manager)?["LoadState"] == "not-found" else {
        return nil
      }
      return finding(
        "instances", .warning,
        "systemd does not know the unit \(unit), which no switch can restart",
        hint: Hint(
          "correct service.unit, or install the unit and run",
          shell: "\(Hint.asRoot)systemctl daemon-reload"))
    }
  }

  private func rightsHint(_ layout: InstanceLayout) -> Hint {
    switch layout.manager {
    case .system:
      Hint(
        "add a rule of polkit(8) for these units; its text is in RIGHTS OVER INSTANCES of",
        shell: "man 7 releases-security")
    case .user:
      Hint(
        "let the systemd of this user run without a login",
        shell: "\(Hint.asRoot)loginctl enable-linger \(userName(ProcessFacts.effectiveUser))")
    }
  }

  private func memory(
    _ instances: Configuration.Instances, beside live: ReleaseID, _ store: Store
  ) -> [Finding] {
    let layout = store.runningLayout(of: live, instances.layout, environment)
    let releases = ReleaseInstances(layout, store, environment)
    guard let demand = releases.memoryDemand(beside: live, instances.memory) else { return [] }
    if let problem = demand.problem {
      return [
        Finding(
          subject: "memory", level: .problem, message: problem,
          hint: Hint("free memory, or set service.memory; see", shell: "man releases.yaml"),
          code: .noMemory)
      ]
    }
    let (needs, has) = (ByteSize(bytes: demand.needed), ByteSize(bytes: demand.available))
    return [
      finding(
        "memory", .ok,
        "a second instance needs \(needs.description), and the host has \(has.description)")
    ]
  }

  /// Reports that recovery can't start an instance at boot, where the owner needs sudo for that.
  private func startAtBoot(_ layout: InstanceLayout) -> [Finding] {
    let caller = environment.caller.asking(layout.manager)
    let units = layout.templates.map { "\($0)\(Self.triedID).service" }
    func stop(usesSudo: Bool) -> UnitControl.Failure? {
      UnitControl(caller).run(
        .stop, units, within: Self.attemptTime, usesSudo: usesSudo, stop: { nil })
    }
    guard let start = BootStart(layout, caller), stop(usesSudo: false)?.cause == .permission,
      stop(usesSudo: true) == nil
    else { return [] }
    if start.isEnabled {
      return [finding("instances", .ok, "\(start.unit) starts the live instance at boot")]
    }
    return [
      finding(
        "instances", .warning,
        """
        no instance starts at boot: only sudo may start instances, recovery can't use it, and \
        \(start.unit) is not enabled
        """,
        hint: Hint(
          "install the unit of the examples as instances.md says, then enable it",
          shell: "\(Hint.asRoot)systemctl enable \(start.unit.shellQuoted)"))
    ]
  }

  /// Reports that nothing serves after a reboot, which empties `/run` and ends every instance.
  private func recoveryAtBoot(
    _ instances: Configuration.Instances, _ store: Store
  ) -> [Finding] {
    let unit = "releases-recover@\(unitEscaped(store.path)).service"
    let managers: Set<InstanceLayout.Manager> = [.system, instances.layout.manager]
    let states = managers.compactMap { manager in
      [unit, "releases-recover.service"].compactMap {
        properties(["UnitFileState"], of: $0, manager)?["UnitFileState"]
      }
    }.joined()
    // Without systemd, nothing can be said.
    if states.isEmpty { return [] }
    if states.contains(where: { $0.hasPrefix("enabled") }) {
      return [finding("instances", .ok, "recovery starts the live instance at boot")]
    }
    return [
      finding(
        "instances", .warning,
        "\(unit) is not enabled, so no instance is started after a reboot",
        hint: Hint(
          "enable it", shell: "\(Hint.asRoot)systemctl enable \(unit.shellQuoted)"))
    ]
  }

  private func asFinding(_ error: ReleasesError) -> Finding {
    Finding(
      subject: "instances", level: .problem, message: error.line, hint: error.hint, code: error.code
    )
  }
}

extension InstanceLayout.Manager {
  /// The option of systemctl that selects it, with a space after it.
  fileprivate var option: String { self == .user ? "--user " : "" }
}

/// Returns a path in the form that the name of an instance has; see systemd-escape(1).
func unitEscaped(_ path: String) -> String {
  let components = path.nameComponents
  if components.isEmpty { return "-" }
  var escaped = ""
  for (index, byte) in components.joined(separator: "/").utf8.enumerated() {
    switch byte {
    case UInt8(ascii: "/"): escaped += "-"
    case UInt8(ascii: ".") where index == 0: escaped += "\\x2e"
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: ":"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      escaped.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let digits = String(byte, radix: 16)
      escaped += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
    }
  }
  return escaped
}
