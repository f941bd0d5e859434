internal import Linux
internal import ReleaseModel
internal import StoreSupport
package import Text

/// Starts and stops units with systemctl(1). The store's owner needs a rule of polkit(8) or sudoers(5)
/// for that, unless the units belong to the owner's own systemd.
package struct UnitControl: Sendable {
  /// What to do with the units; see systemctl(1).
  package enum Verb: String, Sendable {
    case start, stop, restart
    /// Clears the failed state and the start limit.
    case resetFailed = "reset-failed"
  }

  /// What systemctl exits with when it lacks the permission.
  private static let lacksPermission: Int32 = 4

  let caller: CallerEnvironment

  /// - Parameter caller: what systemctl gets from the caller, and which systemd runs the units.
  package init(_ caller: CallerEnvironment) { self.caller = caller }

  /// Runs systemctl, and waits until systemd has done what was asked. If systemctl lacks the permission,
  /// sudo(8) is tried.
  ///
  /// - Parameters:
  ///   - verb: what to do.
  ///   - units: the names of the units.
  ///   - waits: whether to wait for the jobs, rather than only to queue them.
  ///   - seconds: how long it may take.
  ///   - stop: called about ten times a second. The job of systemd continues.
  /// - Returns: why it failed or was stopped, in one line; nil when it succeeded.
  package func run(
    _ verb: Verb, _ units: [String], waits: Bool = true, within seconds: Double, stop: StopCheck
  ) -> Message? {
    if units.isEmpty { return nil }
    let options = waits || verb == .resetFailed ? [] : ["--no-block"]
    let arguments = options + [verb.rawValue, "--"] + units
    let deadline = Clock.monotonicSeconds() + seconds
    let first = call("systemctl", caller.systemctlOptions + arguments, until: deadline, stop)
    guard case .refused(let reason) = first, caller.manager == .system else { return first.problem }
    let plain = options + [verb.rawValue] + units
    let second = call(
      "sudo", ["-n", StartLimitReset.program] + plain, until: deadline, stop)
    return second.problem == nil ? nil : reason
  }

  private enum Ending {
    case done
    /// The user lacks the permission.
    case refused(Message)
    case failed(Message)

    var problem: Message? {
      switch self {
      case .done: nil
      case .refused(let reason), .failed(let reason): reason
      }
    }
  }

  private func call(
    _ name: String, _ arguments: [String], until deadline: Double, _ stop: StopCheck
  ) -> Ending {
    guard let program = HostProgram.find(name, in: caller.programDirectories) else {
      return .failed("this host has no \(name)")
    }
    let seconds = max(deadline - Clock.monotonicSeconds(), 0.1)
    let what = arguments.filter { !$0.hasPrefix("-") }.joined(separator: " ")
    do throws(SystemError) {
      let nothing = try Descriptor.open("/dev/null")
      let result = try CapturedProcess(
        program, [name] + arguments, environment: caller.systemctlEnvironment, input: nothing
      ).result(within: seconds, stop: { stop() != nil })
      guard let ending = result.ending else {
        if let reason = stop() { return .failed("it was stopped \(reason)") }
        return .failed("\(name) \(what) did not end within \(elapsed(seconds))")
      }
      if case .exited(0) = ending { return .done }
      let lines = result.errors.split(separator: UInt8(ascii: "\n")).map { printable($0) }
      let reason = Message(lines.first ?? "\(name) \(what) failed")
      if case .exited(Self.lacksPermission) = ending { return .refused(reason) }
      let isDenied = lines.contains {
        $0.contains("Access denied") || $0.contains("authentication required")
      }
      return isDenied ? .refused(reason) : .failed(reason)
    } catch {
      return .failed("can't run \(program): \(Message(error))")
    }
  }
}

extension CallerEnvironment {
  /// The options of systemctl that select the systemd of ``manager``.
  var systemctlOptions: [String] {
    ["--no-ask-password"] + (manager == .user ? ["--user"] : [])
  }

  /// The environment of systemctl. The systemd of a user is found through the user's run-time directory.
  var systemctlEnvironment: [String: String] {
    var variables = HostProgram.environment
    if manager == .user {
      variables["XDG_RUNTIME_DIR"] = "/run/user/\(ProcessFacts.effectiveUser)"
    }
    return variables
  }
}
