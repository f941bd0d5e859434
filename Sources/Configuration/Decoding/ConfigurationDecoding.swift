package import ReleaseModel
internal import Text

extension Configuration {
  /// Decodes the text of a configuration.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8.
  ///   - file: the path of the file, for messages.
  /// - Throws: `configuration` with a message that begins with file, line and column.
  package init(parsing bytes: [UInt8], file: String) throws(ReleasesError) {
    do throws(ReleasesError) {
      try self.init(decoding: bytes, file: file)
    } catch {
      throw FullWidthPunctuation.explain(error, in: bytes, file: file)
    }
  }

  private init(decoding bytes: [UInt8], file: String) throws(ReleasesError) {
    self.init()
    guard let root = try YAMLReader.read(bytes, file: file) else { return }
    let top = try ConfigurationSection<ConfigurationKeys.Top>(root, name: "")
    if let section = try top.section(.keep, ConfigurationKeys.Keep.self) {
      keep = try Keep(section)
    }
    if let section = try top.section(.shared, ConfigurationKeys.Shared.self) {
      shared = try Shared(section)
    }
    try decodeService(top)
    if let section = try top.section(.hooks, ConfigurationKeys.Hooks.self) {
      hooks = try Hooks(section)
      try refuseHook(beside: instances, section)
    }
    if let section = try top.section(.health, ConfigurationKeys.Health.self) {
      health = try Health(section)
    }
    checkHealthOfInstances()
    if let section = try top.section(.unpack, ConfigurationKeys.Unpack.self) {
      unpack = try Unpack(section)
    }
    if let section = try top.section(.trust, ConfigurationKeys.Trust.self) {
      trust = try Trust(section)
    }
    if let section = try top.section(.verify, ConfigurationKeys.Verify.self) {
      verify = try Verify(section)
    }
  }
}

extension Configuration.Keep {
  /// Decodes the section `keep`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Keep>) throws(ReleasesError) {
    count = try section.number(.count, from: 1) ?? count
    age = try section.timeSpan(.age, least: 0) ?? age
    minFree = try section.byteSize(.minFree)
    minFreeInodes = try section.number(.minFreeInodes, from: 0)
  }
}

extension Configuration.Shared {
  /// Decodes the section `shared`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Shared>) throws(ReleasesError) {
    var all: [(value: String, position: YAMLPosition)] = []
    func paths(_ key: ConfigurationKeys.Shared) throws(ReleasesError) -> [String] {
      let paths = try section.values(key, of: "a path in the release", \.text) ?? []
      for (path, position) in paths {
        if let problem = SharedPaths.problem(with: path) {
          throw position.error("\(section.name(of: key)): '\(excerpt(path))' \(problem)")
        }
      }
      all += paths
      return paths.map(\.value)
    }
    directories = try paths(.directories)
    files = try paths(.files)
    if let conflict = SharedPaths.conflict(in: all) {
      throw conflict.later.position.error(
        "shared: '\(excerpt(conflict.later.value))' overlaps '\(excerpt(conflict.earlier))'",
        hint: "list each path once, and no path inside another")
    }
  }
}

extension Configuration.Limits {
  /// Decodes the limits in the section `unpack`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Unpack>) throws(ReleasesError) {
    bytes = try section.byteSize(.maxBytes, least: 1)?.bytes
    entries = try section.number(.maxEntries, from: 1)
    ratio = try section.number(.maxRatio, from: 1)
    depth = try section.number(.maxDepth, from: 1)
    nameLength = try section.number(.maxNameLength, from: 1)
    metadata = try section.byteSize(.maxMetadata, least: 1)?.bytes
    processorTime = try section.timeSpan(.maxProcessorTime, least: 1).map { Int($0.seconds) }
    idleTime = try section.timeSpan(.maxIdle, least: 1).map { Int($0.seconds) }
    stallTime = try section.timeSpan(.maxStall, least: 1).map { Int($0.seconds) }
  }
}

extension Configuration.Unpack {
  private static let automatic = "auto"

  /// Decodes the section `unpack`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Unpack>) throws(ReleasesError) {
    limits = try Configuration.Limits(section)
    stripsSingleDirectory = section.node(.stripComponents)?.text == Self.automatic
    if !stripsSingleDirectory {
      stripComponents = try section.value(.stripComponents, "a whole number or 'auto'") { node in
        node.wholeNumber.flatMap { $0 >= 0 ? $0 : nil }
      }
    }
    let links = try section.values(.allowLinks, of: "an absolute path") { node in
      node.text.flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
    }
    allowedLinks = links?.map(\.value) ?? allowedLinks
    share = try section.choice(.share, Share.self) ?? share
    sandbox = try section.choice(.sandbox, SandboxRequirement.self) ?? sandbox
  }
}

extension Configuration.Trust {
  /// Decodes the section `trust`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Trust>) throws(ReleasesError) {
    allowedSigners = try section.text(.allowedSigners)
    namespace = try section.text(.namespace) ?? namespace
    require = try section.choice(.require, Requirement.self) ?? require
    revokedKeys = try section.text(.revokedKeys)
    if require == .signature, allowedSigners == nil {
      throw section.position.error(
        "trust: 'require: signature' needs 'allowed-signers'",
        hint: "set allowed-signers to the file with the public keys of the signers")
    }
  }
}

extension Configuration.Verify {
  /// Decodes the section `verify`.
  ///
  /// - Throws: `configuration` for an invalid value.
  init(_ section: ConfigurationSection<ConfigurationKeys.Verify>) throws(ReleasesError) {
    let globs = try section.values(
      .ignore, of: "a pattern for paths in the release", hint: "for example '**/__pycache__/**'"
    ) { node in node.text.flatMap(Glob.init(parsing:)) }
    ignore = globs?.map(\.value) ?? ignore
  }
}
