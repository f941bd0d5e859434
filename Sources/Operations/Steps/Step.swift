internal import HostPrograms
internal import Linux
package import ReleaseModel
package import Text

/// One step of an operation, and how it ended.
package struct Step: Sendable {
  /// How a step ended.
  package enum Ending: String, Sendable { case done, failed, stopped }

  /// The name that scripts rely on, such as `unpack`, `prepare`, `switch`, `activate` or `health`.
  package let name: String
  /// How long the step took.
  package let seconds: Double
  package var ending = Ending.done
  /// What went wrong; for a healthy release, the last response of the health check.
  package var detail: Message?
  /// The last lines that a hook printed, or a release that died.
  package var lines: [Message] = []
  /// The path of the hook's log, which holds the beginning and the end of what it printed.
  package var log: String?
  /// Which release served, for a health check that looked it up.
  package var serving: ServingRelease?

  package init(_ name: String, seconds: Double) {
    self.name = name
    self.seconds = seconds
  }
}

extension Step {
  init(_ report: HookReport, named name: String) {
    self.init(name, seconds: report.seconds)
    if case .stopped = report.ending {
      ending = .stopped
    } else if !report.isSuccess {
      ending = .failed
    }
    detail = report.problem
    lines = report.lastLines.map { Message($0) }
    log = report.log
  }

  init(_ report: HealthReport, named name: String) {
    self.init(name, seconds: report.seconds)
    ending = report.stopped != nil ? .stopped : report.isHealthy ? .done : .failed
    detail = report.problem ?? report.last?.answer
    serving = report.last?.serving
    if let death = report.death {
      lines = death.lines.map { Message($0) }
    } else if !report.isHealthy, let answer = report.last?.answer {
      lines = [answer]
    }
  }
}
