internal import Linux

extension Store {
  /// How long a hook's process group has between TERM and KILL when it is stopped, in seconds.
  private static let graceWhenStopped = 5.0

  /// Runs a hook to its end, or to that of its time. Whatever it prints goes to `output` and to a
  /// log in `.releases/logs`.
  func run(
    _ call: HookCall, _ environment: Environment, stop: StopQuestion,
    output: ([UInt8]) -> Void
  ) -> HookReport {
    let start = Clock.monotonicSeconds()
    let log = HookLog.open(self, call, environment)
    var tail = OutputTail()
    let ending = ending(of: call, environment, stop: stop) { bytes in
      log?.append(bytes)
      tail.append(bytes)
      output(bytes)
    }
    let report = HookReport(
      name: call.name, seconds: Clock.monotonicSeconds() - start, ending: ending,
      lastLines: tail.lines, log: log?.path)
    log?.close(report, environment)
    return report
  }

  private func ending(
    of call: HookCall, _ environment: Environment, stop: StopQuestion,
    output: ([UInt8]) -> Void
  ) -> HookReport.Ending {
    var process: WatchedProcess
    switch program(call.hook.run) {
    case .found(let path, let words):
      process = WatchedProcess(
        path, words, environment: variables(for: call, environment),
        directory: place(of: call), timeLimit: Double(call.hook.timeout.seconds))
    case .missing(let name): return .notStarted("there is no \(name) in \(HostProgram.searchPath)")
    }
    var reason: StopReason?
    process.grace = Self.graceWhenStopped
    do throws(SystemError) {
      let ending = try process.run(
        shouldStop: {
          reason = stop()
          return reason != nil
        }, output: output)
      switch ending {
      case .ended(.exited(let status)): return .exited(status)
      case .ended(.signaled(let number)): return .signaled(number)
      case .timedOut: return .timedOut(call.hook.timeout)
      case .stopped: return .stopped(reason ?? .signal(15))
      }
    } catch {
      return .notStarted(error.description)
    }
  }

  /// The directory a hook runs in.
  private func place(of call: HookCall) -> String {
    call.place.map { path(Layout.releases, $0.text) } ?? path
  }

  private func variables(for call: HookCall, _ environment: Environment) -> [String: String] {
    plainVariables(environment).merging([
      "RELEASES_STORE": path,
      "RELEASES_ID": call.id.text,
      "RELEASES_PATH": path(Layout.releases, call.id.text),
      "RELEASES_PREVIOUS": call.previous?.text ?? "",
      "RELEASES_EVENT": call.event,
      "RELEASES_REF": call.ref ?? "",
    ]) { $1 }
  }
}

/// What a command of the configuration starts.
enum ProgramToRun: Sendable {
  case found(path: String, words: [String])
  /// The name that is in no directory of the search path.
  case missing(String)
}

extension Store {
  /// What hooks and health commands get whoever calls: the same on a terminal, from CI and in cron.
  func plainVariables(_ environment: Environment) -> [String: String] {
    var variables = environment.variables.filter { name, _ in
      let lowercased = name.lowercased()
      return name == "LANG" || name == "TZ" || name.hasPrefix("LC_")
        || lowercased.hasSuffix("_proxy")
    }
    let account = ProcessFacts.account(of: ProcessFacts.effectiveUser)
    variables["PATH"] = HostProgram.searchPath
    variables["HOME"] = account?.home ?? "/"
    variables["SHELL"] = account?.shell ?? "/bin/sh"
    let user = account?.name ?? String(ProcessFacts.effectiveUser)
    variables["USER"] = user
    variables["LOGNAME"] = user
    return variables
  }

  /// A text is for the shell; a list is run as it is.
  func program(_ command: Configuration.Command) -> ProgramToRun {
    switch command {
    case .shell(let line): return .found(path: "/bin/sh", words: ["sh", "-c", line])
    case .arguments(let words):
      let name = words.first ?? ""
      if name.utf8.contains(UInt8(ascii: "/")) { return .found(path: name, words: words) }
      return HostProgram.find(name, in: HostProgram.allDirectories).map {
        .found(path: $0, words: words)
      }
        ?? .missing(name)
    }
  }
}
