internal import Linux
internal import Text

/// The log of a unit, which is read with journalctl(1) as far as this user may.
struct UnitLog {
  /// How long reading the log may take, in seconds. A service is down during this time.
  private static let timeLimit = 1.0
  /// How long to wait for lines that the journal has not stored yet, in seconds.
  private static let patience = 0.3
  private static let lineCount = 20

  let unit: String
  /// The run of the unit whose lines are wanted; nil when it is unknown.
  let invocation: String?
  /// When the hook began, in Unix seconds.
  let since: Int64

  /// Returns the last lines that the release has printed; if there is none, those about the unit.
  ///
  /// - Parameters:
  ///   - caller: what journalctl gets from the caller.
  ///   - stop: called about ten times a second.
  /// - Returns: at most 20 lines in printable form, the latest last; empty when the log can't be read.
  func lastLines(_ caller: CallerEnvironment, stop: () -> Bool) -> [String] {
    let deadline = Clock.monotonicSeconds() + Self.timeLimit
    if let invocation {
      let end = Clock.monotonicSeconds() + Self.patience
      repeat {
        let lines = lines(["_SYSTEMD_INVOCATION_ID=\(invocation)"], caller, until: deadline, stop)
        if !lines.isEmpty { return lines }
        Clock.sleep(seconds: 0.05)
      } while Clock.monotonicSeconds() < end
    }
    // The unit may have been restarted, and then the run is that of a process that has printed nothing
    // yet. What systemd says about the unit comes last.
    let time = ["--since", "@\(since)"]
    let printed = lines(["_SYSTEMD_UNIT=\(fullName)"] + time, caller, until: deadline, stop)
    return printed.isEmpty
      ? lines(["--unit", unit] + time, caller, until: deadline, stop) : printed
  }

  /// The name of the unit with its kind, as the journal stores it.
  private var fullName: String {
    ["service", "socket", "target", "timer", "path", "mount", "slice", "scope"]
      .contains { unit.hasSuffix(".\($0)") } ? unit : "\(unit).service"
  }

  private func lines(
    _ selection: [String], _ caller: CallerEnvironment, until deadline: Double, _ stop: () -> Bool
  ) -> [String] {
    let options = ["--no-pager", "--quiet", "--output", "cat", "--lines", "\(Self.lineCount)"]
    let left = deadline - Clock.monotonicSeconds()
    guard left > 0,
      let program = HostProgram.find("journalctl", in: caller.programDirectories),
      let nothing = try? Descriptor.open("/dev/null"),
      let result = try? CapturedProcess(
        program, ["journalctl"] + options + selection, environment: caller.systemctlEnvironment,
        input: nothing
      ).result(within: left, stop: stop)
    else { return [] }
    var lines = LastLines()
    lines.append(result.output)
    return lines.texts
  }
}
