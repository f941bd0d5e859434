internal import Configuration
internal import ReleaseModel
internal import Text

// What a dry run says about the service: what would be started, stopped, run and waited for.

/// What a dry run would do with the service.
enum ServiceChange {
  /// A switch from the release that is live; nil if none is. The layout tells where its instance runs, if
  /// it has one.
  case switches(to: ReleaseID, from: ReleaseID?, in: InstanceLayout?)
  /// A restart of the live release. The layout tells where its instance runs, if it has one.
  case restarts(ReleaseID, in: InstanceLayout?)
}

/// Returns what a switch or a restart would run and wait for, one line each, for a dry run.
func confirmationLines(_ configuration: Configuration, _ change: ServiceChange) -> [Message] {
  if let instances = configuration.instances {
    return instanceLines(configuration, instances, change)
  }
  var lines: [Message] = []
  if let hook = configuration.hooks.activate {
    lines.append("would run the activate hook, for up to \(hook.timeout): \(hook.run.text)")
  }
  lines += configuration.healthLines(of: nil)
  if lines.isEmpty {
    lines.append(
      """
      would restart and check nothing: releases.yaml has neither hooks.activate nor health; \
      see: man releases.yaml
      """)
  }
  return lines
}

/// Returns what a switch between instances, or a restart of one, would do, one line each.
private func instanceLines(
  _ configuration: Configuration, _ instances: Configuration.Instances, _ change: ServiceChange
) -> [Message] {
  let layout = instances.layout
  func names(_ id: ReleaseID, in place: InstanceLayout? = nil) -> String {
    (place ?? layout).units(of: id).joined(separator: ", ")
  }
  let others: [Message] =
    layout.restarted.isEmpty
    ? [] : ["would restart \(verbatim: layout.restarted.joined(separator: ", "))"]
  switch change {
  case .restarts(let id, let place):
    if let place, !place.hasSameInstances(as: layout) {
      return [
        "would stop \(verbatim: names(id, in: place))", "would start \(verbatim: names(id))",
      ] + others + configuration.healthLines(of: id)
    }
    return ["would restart \(verbatim: names(id))"] + others + configuration.healthLines(of: id)
  case .switches(let id, let from, let place):
    let old = from == id ? nil : from
    var lines: [Message] = []
    if !instances.overlap {
      let unit = (instances.rehearsal ?? layout.templates[0]) + "\(id).service"
      lines.append("would rehearse \(id) with \(verbatim: unit), and stop that again")
      if let old { lines.append("would stop \(verbatim: names(old, in: place))") }
    }
    lines.append("would start \(verbatim: names(id))")
    lines += configuration.healthLines(of: id)
    lines.append("would point \(path: layout.live) to \(path: layout.socket(of: id))")
    lines += others
    if let old, instances.overlap {
      lines.append(
        """
        would stop \(verbatim: names(old, in: place)) when its connections have ended, after at most \
        \(instances.drain)
        """)
    }
    return lines
  }
}

extension Configuration {
  /// Returns what the health check would ask, for a dry run.
  ///
  /// - Parameter id: the release whose instance is asked; nil to leave the variable as it is.
  /// - Returns: one line; none without a health check.
  fileprivate func healthLines(of id: ReleaseID?) -> [Message] {
    guard let health else { return [] }
    let text = id.map { health.probe.text.replacing(HealthVariable.id, with: $0.text) }
    return [
      "would check health, for up to \(health.timeout): \(text ?? health.probe.text)"
    ]
  }
}

extension Configuration.Health.Probe {
  /// The URL or the command.
  fileprivate var text: String {
    switch self {
    case .http(let probe): probe.url
    case .command(let command): command.text
    case .socket(let path): "connections at \(path)"
    }
  }
}
