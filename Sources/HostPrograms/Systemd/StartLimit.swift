internal import ReleaseModel

/// How many starts of a unit systemd allows within an interval, see StartLimitIntervalSec= in
/// systemd.unit(5). Both manual starts and the unit's own restarts count.
package struct StartLimit: Equatable, Sendable {
  /// The names of the properties that describe the limit; see systemctl(1).
  package static let properties = ["StartLimitBurst", "StartLimitIntervalUSec", "RestartUSec"]

  /// How many starts are allowed in the interval; 0 for any number.
  let burst: Int
  /// The interval, in seconds; 0 for no limit.
  let interval: Double
  /// How long systemd waits before it restarts the unit, in seconds.
  let restartDelay: Double
  /// The interval as systemd prints it.
  private let intervalText: String

  /// Parses the limit from a unit's properties; nil if one of them is missing or invalid.
  package init?(_ properties: [String: String]) {
    guard let burst = properties["StartLimitBurst"].flatMap({ Int($0) }),
      let intervalText = properties["StartLimitIntervalUSec"],
      let interval = Self.seconds(intervalText),
      let restartDelay = properties["RestartUSec"].flatMap(Self.seconds)
    else { return nil }
    self.burst = burst
    self.interval = interval
    self.restartDelay = restartDelay
    self.intervalText = intervalText
  }

  /// Whether systemd could refuse a start. Each switch is a start, and so is each rollback.
  package var couldRefuse: Bool { burst > 0 && interval > 0 }

  /// Whether the unit's own restarts can use up the limit.
  var isUsedUpByRestarts: Bool { couldRefuse && Double(burst) * restartDelay < interval }

  /// Returns one line that describes what the limit means for a rollback.
  package func warning(_ unit: String) -> String {
    let starts = burst == 1 ? "1 start" : "\(burst) starts"
    let use =
      isUsedUpByRestarts
      ? "a release that dies at start uses them up in about \(elapsed(Double(burst) * restartDelay))"
      : "switches and restarts count"
    return "systemd refuses to start \(unit) after \(starts) in \(intervalText): \(use), and then"
      + " the restart that a rollback needs is refused"
  }

  /// Parses a time span as `systemctl show` prints it, such as "1min 30s", "100ms" or "infinity".
  ///
  /// - Returns: seconds; nil if the text is not a time span.
  static func seconds(_ text: String) -> Double? {
    if text == "infinity" { return .infinity }
    let parts = text.split(separator: " ")
    if parts == ["0"] { return 0 }
    var total = 0.0
    for part in parts {
      let number = part.prefix { $0.isNumber || $0 == "." }
      guard let value = Double(number), let unit = units[String(part.dropFirst(number.count))]
      else { return nil }
      total += value * unit
    }
    return parts.isEmpty ? nil : total
  }

  /// The units in seconds; see systemd.time(7).
  private static let units: [String: Double] = [
    "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800,
    "month": 2_629_800, "y": 31_557_600,
  ]
}
