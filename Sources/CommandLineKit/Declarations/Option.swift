/// One option. The parser, help, man page and completions are made from this declaration.
package struct Option: Sendable {
  package let name: Name
  package let short: Character?
  /// The value that the option takes; nil for a flag.
  package let value: Value?
  /// The help: one line that begins with a verb or a noun and a capital letter, gives the default in
  /// parentheses, and has no final period.
  package let help: String
  let isRepeatable: Bool
  let isRequired: Bool
  /// The options that can't be given together with this one.
  package let excludes: [Name]
  /// The callers from other hosts that may give it.
  package let remote: RemoteUse
  /// Whether an operand that the command does not accept was probably meant as its value.
  package let takesStrayOperand: Bool

  package init(
    _ name: Name, short: Character? = nil, _ value: Value? = nil, repeatable: Bool = false,
    required: Bool = false, excludes: [Name] = [], remote: RemoteUse = .refused,
    takesStrayOperand: Bool = false, help: String
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.help = help
    self.isRepeatable = repeatable
    self.isRequired = required
    self.excludes = excludes
    self.remote = remote
    self.takesStrayOperand = takesStrayOperand || required
  }

  /// The long form, such as `--dry-run`.
  package var long: String { name.long }

  /// The long form with its value, such as `--keep N`.
  package var synopsis: String {
    guard let value else { return long }
    return "\(long) \(value.placeholder)"
  }

  /// The long and the short form, such as `--store` and `-s`.
  package var spellings: [String] { [long] + (short.map { ["-\($0)"] } ?? []) }
}

extension Option {
  /// The callers from other hosts that may give an option.
  package enum RemoteUse: Sendable, Equatable, ExpressibleByBooleanLiteral {
    /// No caller may: the option selects something on this host, or overrides a limit.
    case refused
    /// Every caller may who may run the command.
    case permitted
    /// Only the callers with one of these roles may.
    case restricted(to: Set<String>)

    package init(booleanLiteral value: Bool) { self = value ? .permitted : .refused }

    /// Returns whether a caller with these roles may give the option.
    package func isPermitted(to roles: Set<String>) -> Bool {
      switch self {
      case .refused: false
      case .permitted: true
      case .restricted(let names): !names.isDisjoint(with: roles)
      }
    }
  }

  /// The long name of an option. A program declares its names as static properties, so that asking
  /// for an option that no command declares does not compile.
  package struct Name: Hashable, Sendable {
    /// The name without the hyphens.
    package let text: String

    package init(_ text: String) { self.text = text }

    /// The long form, such as `--dry-run`.
    package var long: String { "--" + text }

    /// The option that turns every command line into a request for help.
    package static let help = Name("help")
    /// The option that turns every command line into a request for the version.
    package static let version = Name("version")
  }
}
