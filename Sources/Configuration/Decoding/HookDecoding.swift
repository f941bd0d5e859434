internal import ReleaseModel
internal import Text

extension Configuration.Hooks {
  /// Decodes the section `hooks`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Hooks>) throws(ReleasesError) {
    func hook(_ key: ConfigurationKeys.Hooks) throws(ReleasesError) -> Configuration.Hook? {
      guard let hook = try section.section(key, ConfigurationKeys.Hook.self) else { return nil }
      return try Configuration.Hook(hook)
    }
    prepare = try hook(.prepare)
    activate = try hook(.activate)
    succeeded = try hook(.succeeded)
    failed = try hook(.failed)
  }
}

extension Configuration.Hook {
  /// Decodes a hook.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Hook>) throws(ReleasesError) {
    guard let run = try section.command(.run) else {
      throw section.position.error("\(section.name): 'run' is missing")
    }
    self.init(run: run)
    timeout = try section.timeSpan(.timeout, least: 1) ?? timeout
  }
}

extension Configuration.Health {
  /// Decodes the section `health`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Health>) throws(ReleasesError) {
    let request = try Configuration.HTTPProbe(section)
    let command = try section.command(.command)
    switch (request, command) {
    case (let request?, nil): self.init(probe: .http(request))
    case (nil, let command?):
      try section.rejectKeysOfURL()
      self.init(probe: .command(command))
    case (nil, nil):
      throw section.position.error("health: 'url' or 'command' is missing")
    case (_?, _?):
      let position = section.keyPosition(.command) ?? section.position
      throw position.error("health: 'url' and 'command' are mutually exclusive")
    }
    timeout = try section.timeSpan(.timeout, least: 1) ?? timeout
    interval = try section.interval(.interval) ?? interval
    successes = try section.number(.successes, from: 1) ?? successes
    restarts = try section.number(.restarts, from: 0) ?? restarts
  }
}

extension ConfigurationSection<ConfigurationKeys.Health> {
  fileprivate func rejectKeysOfURL() throws(ReleasesError) {
    for key in [ConfigurationKeys.Health.unixSocket, .status, .json, .body] {
      if let position = keyPosition(key) {
        throw position.error("health: '\(key.rawValue)' requires 'url'")
      }
    }
  }
}

extension ConfigurationSection<ConfigurationKeys.Health> {
  /// Rejects variables that the text of a key must not contain.
  ///
  /// - Throws: `configuration` for such a variable.
  fileprivate func rejectVariables(
    in key: ConfigurationKeys.Health, except known: [String]
  ) throws(ReleasesError) {
    guard let node = node(key), let text = node.text else { return }
    try rejectVariables(in: text, node.position, key, except: known)
  }

  fileprivate func rejectVariables(
    in text: String, _ position: YAMLPosition, _ key: ConfigurationKeys.Health,
    except known: [String]
  ) throws(ReleasesError) {
    let rest = known.reduce(text) { $0.replacing($1, with: "") }
    guard let start = rest.firstRange(of: HealthVariable.prefix)?.lowerBound else { return }
    let variable = rest[start...].prefix { $0 != "}" }
    throw position.error(
      "\(name(of: key)): unknown variable '\(excerpt(String(variable)))}'",
      hint: "known variables: \(known.joined(separator: ", "))")
  }
}

extension Configuration.HTTPProbe {
  /// Decodes the keys of an HTTP probe; nil when there is no `url`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init?(_ section: ConfigurationSection<ConfigurationKeys.Health>) throws(ReleasesError) {
    let url = try section.value(
      .url, "an http or https URL", hint: "for example http://localhost:8080/health"
    ) { node in node.text.flatMap { isWebAddress($0) ? $0 : nil } }
    guard let url else { return nil }
    self.init(url: url)
    unixSocket = try section.value(
      .unixSocket, "the absolute path of a socket", hint: "for example /run/app.sock"
    ) { node in node.text.flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil } }
    status = try section.number(.status, from: 100, to: 599) ?? status
    body = try section.text(.body)
    try section.rejectVariables(in: .url, except: [HealthVariable.id])
    try section.rejectVariables(in: .unixSocket, except: [HealthVariable.id])
    try section.rejectVariables(in: .body, except: HealthVariable.all)
    guard let node = section.node(.json) else { return }
    let wanted = "a mapping of names to strings, numbers, true, false or null"
    guard case .mapping(let entries) = node.content else {
      throw node.expected(wanted, for: section.name(of: .json))
    }
    for entry in entries {
      guard let scalar = JSONScalar(entry.value) else {
        throw entry.value.expected(wanted, for: section.name(of: .json))
      }
      if case .text(let text) = scalar {
        try section.rejectVariables(
          in: text, entry.value.position, .json, except: HealthVariable.all)
      }
      json[entry.key] = scalar
    }
  }
}

extension JSONScalar {
  /// Converts a node as in YAML's core schema: quoted scalars are strings. The result is nil for
  /// lists and mappings.
  init?(_ node: YAMLNode) {
    guard case .scalar(let text, let isPlain) = node.content else { return nil }
    switch text {
    case _ where node.isNull: self = .null
    case _ where !isPlain: self = .text(text)
    case "true", "True", "TRUE": self = .boolean(true)
    case "false", "False", "FALSE": self = .boolean(false)
    default: self = decimalNumber(text).map(JSONScalar.number) ?? .text(text)
    }
  }
}

/// Parses a decimal number. `Double` would also accept "inf", "nan" and "0x1".
private func decimalNumber(_ text: String) -> Double? {
  guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
  return Double(text).flatMap { $0.isFinite ? $0 : nil }
}

private func isWebAddress(_ text: String) -> Bool {
  let isPrintable = text.unicodeScalars.allSatisfy { $0 > " " && $0 != "\u{7F}" }
  let lowercased = text.lowercased()
  let rest = ["http://", "https://"].lazy
    .filter { lowercased.utf8.starts(with: $0.utf8) }
    .map { lowercased.utf8.dropFirst($0.utf8.count) }
    .first
  guard isPrintable, let first = rest?.first else { return false }
  return !"/?#:".utf8.contains(first)
}
