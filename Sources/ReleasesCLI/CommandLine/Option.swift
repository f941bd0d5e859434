/// One option. Parser, help, man page and completions are all made from this declaration.
struct Option: Sendable {
  let name: Name
  let short: Character?
  /// Nil for a flag.
  let value: Value?
  /// One sentence; lower case, no final period.
  let help: String
  let isRepeatable: Bool
  let isRequired: Bool
  /// Options that make no sense beside this one.
  let excludes: [Name]
  /// Also for those who come through the gate; those that aren't choose what belongs to the host.
  let isRemote: Bool

  init(
    _ name: Name, short: Character? = nil, _ value: Value? = nil, repeatable: Bool = false,
    required: Bool = false, excludes: [Name] = [], remote: Bool = false, help: String
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.help = help
    self.isRepeatable = repeatable
    self.isRequired = required
    self.excludes = excludes
    isRemote = remote
  }

  /// As it is typed, such as `--dry-run`.
  var long: String { name.long }
}

extension Option {
  /// Every option's long name, so that asking an invocation for one that nobody declared is an
  /// error of the compiler.
  enum Name: String, Sendable, CaseIterable {
    case all, allow, archive, boot, dryRun = "dry-run", force, help, html, id, json, keep
    case keepWithin = "keep-within"
    case limit, name
    case noHooks = "no-hooks"
    case noRollback = "no-rollback"
    case output, progress, quiet, reason, ref, sha256,
      signature
    case size, store, strict
    case stripComponents = "strip-components"
    case textfile, timeout, to, verify, version, wait, watch

    /// As it is typed, such as `--dry-run`.
    var long: String { "--" + rawValue }
  }
}
