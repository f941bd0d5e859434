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

  /// Why a call failed.
  package struct Failure: Sendable {
    package enum Cause: Sendable {
      /// systemd has tried, or the call was stopped.
      case unit
      /// The user lacks the permission.
      case permission
      /// systemd could not try: it does not know the unit, or can't be asked.
      case host
    }

    package let cause: Cause
    /// What went wrong, in one line.
    package let message: Message
  }

  // What systemctl exits with when it lacks the permission, and when there is no such unit.
  private static let (lacksPermission, hasNoUnit) = (Int32(4), Int32(5))

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
  ///   - usesSudo: whether to try sudo(8).
  ///   - stop: called about ten times a second. The job of systemd continues.
  /// - Returns: why it failed or was stopped; nil when it succeeded.
  package func run(
    _ verb: Verb, _ units: [String], waits: Bool = true, within seconds: Double,
    usesSudo: Bool = true, stop: StopCheck
  ) -> Failure? {
    if units.isEmpty { return nil }
    let options = waits || verb == .resetFailed ? [] : ["--no-block"]
    let arguments = options + [verb.rawValue, "--"] + units
    let deadline = Clock.monotonicSeconds() + seconds
    let first = call("systemctl", caller.systemctlOptions + arguments, until: deadline, stop)
    guard let first, first.cause == .permission, usesSudo, caller.manager == .system else {
      return first
    }
    let plain = options + [verb.rawValue] + units
    let second = call(
      "sudo", ["-n", StartLimitReset.program] + plain, until: deadline, stop)
    guard let second, second.isOfSystemctl else { return second == nil ? nil : first }
    return second
  }

  private func call(
    _ name: String, _ arguments: [String], until deadline: Double, _ stop: StopCheck
  ) -> Failure? {
    guard let program = HostProgram.find(name, in: caller.programDirectories) else {
      return Failure(cause: .host, message: "this host has no \(name)")
    }
    let seconds = max(deadline - Clock.monotonicSeconds(), 0.1)
    let what = arguments.filter { !$0.hasPrefix("-") }.joined(separator: " ")
    do throws(SystemError) {
      let nothing = try Descriptor.open("/dev/null")
      let result = try CapturedProcess(
        program, [name] + arguments, environment: caller.systemctlEnvironment, input: nothing
      ).result(within: seconds, stop: { stop() != nil })
      guard let ending = result.ending else {
        return Failure(
          cause: .unit,
          message: stop().map { "it was stopped \($0)" }
            ?? "\(name) \(what) did not end within \(elapsed(seconds))")
      }
      if case .exited(0) = ending { return nil }
      // A unit file that has changed on disk only causes a warning.
      let lines = result.errors.split(separator: UInt8(ascii: "\n")).map { printable($0) }
        .filter { !$0.hasPrefix("Warning: ") }
      return Failure(
        cause: Self.cause(ending, lines), message: Message(lines.first ?? "\(name) \(what) failed"))
    } catch {
      return Failure(cause: .host, message: "can't run \(program): \(Message(error))")
    }
  }

  private static func cause(_ ending: ChildProcess.Ending, _ lines: [String]) -> Failure.Cause {
    let isDenied = lines.contains {
      ["Access denied", "authentication required", "a password is required"].contains(
        where: $0.contains)
    }
    if isDenied { return .permission }
    switch ending {
    case .exited(lacksPermission): return .permission
    case .exited(hasNoUnit): return .host
    default:
      // Only these say that a job was started and has failed; all others, why systemd did not try.
      let hasTried = lines.contains { line in
        ["Job for ", "A dependency job for ", "Assertion failed on job for "].contains(
          where: line.hasPrefix)
      }
      return hasTried ? .unit : .host
    }
  }
}

extension UnitControl.Failure {
  /// Whether systemctl failed, rather than sudo in front of it.
  fileprivate var isOfSystemctl: Bool { cause == .unit || message.text.hasPrefix("Failed to ") }
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
