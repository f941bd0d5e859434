internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

// What the hooks need from the host: units that systemd knows, and commands that sudo permits.

extension Check {
  /// How long systemd may take to answer, in seconds.
  private static var timeLimit: Double { 5 }

  /// Reports whether systemd knows the configured units, if it can be asked.
  ///
  /// - Throws: no error; all checks have the same type.
  func units(_ store: Store) throws(ReleasesError) -> [Finding] {
    // Another check reports an invalid configuration.
    guard let configuration = try? store.configuration() else { return [] }
    // A switch starts or watches the units, and has no release to return to that they run.
    let isSwitched = configuration.hooks.activate != nil || configuration.health != nil
    return configuration.services.compactMap { unit in
      switch properties(["LoadState"], of: unit)?["LoadState"] {
      case "loaded"?: finding("service", .ok, "\(unit) is loaded")
      case "not-found"?:
        Finding(
          subject: "service", level: .problem, message: "systemd does not know the unit \(unit)",
          hint: .unknownUnit(in: store), code: isSwitched ? .needsPerson : nil)
      default: nil
      }
    }
  }

  /// Returns properties of a unit; nil if systemd is missing or fails.
  ///
  /// - Parameters:
  ///   - names: the names of the properties.
  ///   - unit: the name of the unit.
  ///   - manager: the systemd that runs it.
  /// - Returns: the properties by their names.
  func properties(
    _ names: [String], of unit: String, _ manager: InstanceLayout.Manager = .system
  ) -> [String: String]? {
    let caller = environment.caller.asking(manager)
    guard
      case .properties(let properties)? = try? SystemdUnit(name: unit).properties(
        names, caller, within: Self.timeLimit, stop: { false })
    else { return nil }
    return properties
  }

  /// Reports the hooks that sudo(8) refuses to the owner of the store, as whom they run.
  ///
  /// - Throws: ``ReleasesError`` when the store can't be read.
  func sudo(_ store: Store) throws(ReleasesError) -> [Finding] {
    guard let configuration = try? store.configuration() else { return [] }
    let commands = configuration.commands.compactMap { key, command in
      SudoCommand(command).map { (key, command, $0) }
    }
    if commands.isEmpty { return [] }
    guard let owner = try ownerWithoutRights(of: store) else { return [] }
    return commands.compactMap { key, command, asked in
      guard asked.isRefused(environment.caller) else { return nil }
      let code = Self.failure(of: key)
      let line = asked.rule(user: Account.of(owner)?.name, userID: owner)
      return Finding(
        subject: "sudo", level: code == nil ? .warning : .problem,
        message: """
          \(key): sudo does not let \(userName(owner)) run it: \(command.text)
          """,
        // The text of a command may have a secret, which no line may print.
        hint: line.flatMap { Outgoing.isSecret($0.description) ? nil : $0 }
          .map { .permission("let the store's owner run it", $0) }
          ?? Hint(
            "permit the command as root, as in sudoers/releases of the examples; see",
            shell: "man 5 sudoers"),
        code: code)
    }
  }

  /// Returns the owner of the store if this user is the owner and may need permissions: hooks run as the
  /// owner, so only the owner's permissions matter, and root needs none.
  ///
  /// - Throws: ``ReleasesError`` when the store can't be read.
  func ownerWithoutRights(of store: Store) throws(ReleasesError) -> UserID? {
    let ownership = try store.ownership()
    return ownership.owner != 0 && ownership.isOfThisUser ? ownership.owner : nil
  }

  /// Returns the code of the error of the command in which a program fails; nil if no command fails.
  private static func failure(of key: String) -> ReleasesError.Code? {
    switch key {
    case "hooks.prepare": .prepareFailed
    case "hooks.succeeded", "hooks.failed": nil
    // The old release can't be made live again without the same right.
    default: .needsPerson
    }
  }
}

extension Hint {
  /// Makes the hint that adds a line to sudoers(5). visudo(8) checks the syntax before it replaces the
  /// file, since sudo refuses every command while one of its files has an error.
  static func permission(_ text: Message, _ line: SudoersLine) -> Hint {
    let visudo = "env EDITOR='tee -a' visudo -f /etc/sudoers.d/releases"
    return Hint(
      "as root, \(text)", shell: "echo \(line.description.shellQuoted) | \(asRoot)\(visudo)")
  }
}
