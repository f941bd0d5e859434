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
  /// Whether a caller from another host may give it. Other options select something on this host.
  package let isRemote: Bool
  /// Whether an operand that the command does not accept was probably meant as its value.
  package let takesStrayOperand: Bool

  package init(
    _ name: Name, short: Character? = nil, _ value: Value? = nil, repeatable: Bool = false,
    required: Bool = false, excludes: [Name] = [], remote: Bool = false,
    takesStrayOperand: Bool = false, help: String
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.help = help
    self.isRepeatable = repeatable
    self.isRequired = required
    self.excludes = excludes
    isRemote = remote
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
