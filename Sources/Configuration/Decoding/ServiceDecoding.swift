internal import ReleaseModel
internal import Text

extension Configuration {
  /// Decodes the key `service`: a unit, a list of units, or a section about instances.
  ///
  /// - Throws: `configuration` for an invalid value.
  mutating func decodeService(
    _ top: ConfigurationSection<ConfigurationKeys.Top>
  ) throws(ReleasesError) {
    guard let node = top.node(.service), case .mapping = node.content else {
      services = try top.units(.service).map(\.value)
      return
    }
    if let section = try top.section(.service, ConfigurationKeys.Service.self) {
      instances = try Instances(section)
    }
  }

  /// Lets the health check ask the socket of the instance. Without a health check, a process must
  /// accept connections there.
  mutating func checkHealthOfInstances() {
    guard let socket = instances?.layout.healthSocket else { return }
    guard var health else {
      health = Health(probe: .socket(socket))
      return
    }
    if case .http(var probe) = health.probe, probe.unixSocket == nil {
      probe.unixSocket = socket
      health.probe = .http(probe)
      self.health = health
    }
  }

  /// Rejects an activate hook beside instances, which are started and stopped without one.
  ///
  /// - Throws: `configuration` for such a hook.
  func refuseHook(
    beside instances: Instances?, _ section: ConfigurationSection<ConfigurationKeys.Hooks>
  ) throws(ReleasesError) {
    guard instances != nil, hooks.activate != nil else { return }
    let position = section.keyPosition(.activate) ?? section.position
    throw position.error(
      "hooks.activate and service.socket are mutually exclusive",
      hint: "add the units that the hook restarts to service.unit; see: man releases.yaml")
  }
}

extension Configuration.Instances {
  /// How many units may be listed, and how long a path and the name of a unit may be, in bytes. The
  /// journal has no space for more, and a socket's path is limited by unix(7).
  private static let (unitLimit, nameLimit, pathLimit) = (4, 64, 107)

  /// Decodes the section `service`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Service>) throws(ReleasesError) {
    let (templates, restarted) = try Self.units(section)
    let socket = try Self.path(section, .socket, "/run/app/{id}.sock")
    let live = try Self.path(section, .live, "/run/app/live.sock")
    let mark = InstanceLayout.placeholder
    guard socket.value.split(separator: mark, omittingEmptySubsequences: false).count == 2 else {
      throw socket.position.error(
        "service.socket must contain \(mark) once, which stands for the release ID",
        hint: "for example /run/app/{id}.sock")
    }
    guard !live.value.contains(mark) else {
      throw live.position.error("service.live must not contain \(mark)")
    }
    let layout = InstanceLayout(
      templates: templates, restarted: restarted, socket: socket.value, live: live.value,
      manager: try section.choice(.manager, InstanceLayout.Manager.self) ?? .system)
    self.init(layout: layout)
    drain = try section.timeSpan(.drain, least: 0) ?? drain
    overlap = try section.boolean(.overlap) ?? overlap
    rehearsal = try Self.rehearsal(section, overlap: overlap)
    memory = try Self.memory(section) ?? memory
  }

  /// Decodes the units: first the template that listens at the socket, then other templates and units.
  ///
  /// - Throws: `configuration` for an invalid value.
  private static func units(
    _ section: ConfigurationSection<ConfigurationKeys.Service>
  ) throws(ReleasesError) -> (templates: [String], restarted: [String]) {
    let units = try section.units(.unit)
    guard let first = units.first else {
      throw section.position.error("service: 'unit' is missing")
    }
    let hint: Hint = "for example app@, for the file app@.service"
    guard template(first.value) != nil else {
      throw first.position.error(
        "service.unit: the first unit, '\(excerpt(first.value))', is not a template", hint: hint)
    }
    if units.count > unitLimit {
      throw units[unitLimit].position.error("service.unit: more than \(unitLimit) units")
    }
    for (unit, position) in units {
      if unit.utf8.count > nameLimit {
        throw position.error("service.unit: a name of more than \(nameLimit) bytes")
      }
    }
    for (index, unit) in units.enumerated() {
      guard let name = template(unit.value) else { continue }
      if units[..<index].contains(where: { template($0.value) == name }) {
        throw unit.position.error("service.unit: '\(excerpt(unit.value))' is given twice")
      }
    }
    return (
      units.compactMap { template($0.value) },
      units.filter { template($0.value) == nil }.map(\.value)
    )
  }

  /// Returns the name of a template unit up to the instance; nil for any other unit.
  private static func template(_ unit: String) -> String? {
    let name = unit.hasSuffix(".service") ? String(unit.dropLast(".service".count)) : unit
    guard name.hasSuffix(InstanceLayout.templateMark), name.utf8.count > 1,
      name.firstIndex(of: "@") == name.index(before: name.endIndex)
    else { return nil }
    return name
  }

  private static func path(
    _ section: ConfigurationSection<ConfigurationKeys.Service>, _ key: ConfigurationKeys.Service,
    _ example: String
  ) throws(ReleasesError) -> (value: String, position: YAMLPosition) {
    let path = try section.value(
      key, "an absolute path of at most \(pathLimit) bytes", hint: Hint("for example \(example)")
    ) { node in
      node.text.flatMap { text in
        let isPlain =
          text.isAbsolutePath && text.utf8.count <= pathLimit
          && !text.hasSuffix("/") && !text.nameComponents.contains("..")
          && text.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0.value != 0x7F && $0 != "\"" && $0 != "\\"
          }
        return isPlain ? (text, node.position) : nil
      }
    }
    guard let path else { throw section.position.error("service: '\(key.rawValue)' is missing") }
    return path
  }

  private static func rehearsal(
    _ section: ConfigurationSection<ConfigurationKeys.Service>, overlap: Bool
  ) throws(ReleasesError) -> String? {
    guard let node = section.node(.rehearsal) else { return nil }
    guard !overlap else {
      throw node.position.error("service.rehearsal requires 'overlap: false'")
    }
    return try section.value(
      .rehearsal, "a template unit of at most \(nameLimit) bytes",
      hint: "for example app-rehearsal@, for the file app-rehearsal@.service"
    ) { node in
      node.text.flatMap { $0.utf8.count <= nameLimit && isUnitName($0) ? template($0) : nil }
    }
  }

  private static func memory(
    _ section: ConfigurationSection<ConfigurationKeys.Service>
  ) throws(ReleasesError) -> Memory? {
    try section.value(.memory, "a size, 'auto' or 'off'", hint: "for example 300MB") { node in
      switch node.text {
      case "auto": .automatic
      case "off", "false": .unchecked
      case let text?: ByteSize(parsing: text).map { .atLeast($0) }
      case nil: nil
      }
    }
  }
}

extension ConfigurationSection {
  /// Reads the name of a systemd unit, or a list of names, with their positions; empty when the key is
  /// missing.
  ///
  /// - Throws: `configuration` for any other value, an empty list, or a name that is repeated.
  fileprivate func units(
    _ key: Key
  ) throws(ReleasesError) -> [(value: String, position: YAMLPosition)] {
    guard let node = node(key) else { return [] }
    let wanted = "the name of a systemd unit"
    func unit(_ node: YAMLNode) -> String? { node.text.flatMap { isUnitName($0) ? $0 : nil } }
    guard case .sequence(let elements) = node.content else {
      if case .mapping = node.content {
        throw node.expected("\(wanted), or a list of names", for: name(of: key), hint: nil)
      }
      return try value(key, wanted, unit).map { [($0, node.position)] } ?? []
    }
    let units = try values(key, of: wanted, unit) ?? []
    if elements.isEmpty { throw node.position.error("\(name(of: key)): the list is empty") }
    for (index, (unit, position)) in units.enumerated()
    where units[..<index].contains(where: { $0.value == unit }) {
      throw position.error("\(name(of: key)): '\(excerpt(unit))' is given twice")
    }
    return units
  }

  /// Reads `true` or `false`; nil when the key is missing.
  ///
  /// - Throws: `configuration` for any other value.
  fileprivate func boolean(_ key: Key) throws(ReleasesError) -> Bool? {
    try value(key, "true or false") { node in
      guard case .scalar(let text, isPlain: true) = node.content else { return nil }
      return switch text {
      case "true", "True", "TRUE": true
      case "false", "False", "FALSE": false
      default: nil
      }
    }
  }
}

/// Whether systemctl accepts the text as the name of a unit, see systemd.unit(5).
private func isUnitName(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.count < 256 && text.utf8.first != UInt8(ascii: "-")
    && text.unicodeScalars.allSatisfy { letter in
      switch letter {
      case "a"..."z", "A"..."Z", "0"..."9", ":", "-", "_", ".", "\\", "@": true
      default: false
      }
    }
}
