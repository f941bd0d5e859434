internal import CommandLineKit
internal import ReleaseModel

/// One command: its declaration, who may run it through the gate, and what it does.
struct Command: Sendable {
  /// A heading of the overview.
  enum Group: String, Sendable, CaseIterable {
    case inspect = "Inspect"
    case switching = "Deploy and switch"
    case protect = "Protect"
    case maintain = "Maintain the store"
    case other = "Other"
  }

  let declaration: CommandDeclaration
  /// The roles that may run it through the gate; see ``Role``.
  let roles: [Role]
  /// The JSON document of a failure that has no result of its own.
  let failureReport: FailureReport
  let run: @Sendable (Invocation, Context) throws(ReleasesError) -> CommandResult

  /// Makes the JSON document of a failure.
  struct FailureReport: Sendable {
    let make: @Sendable (ReleasesError, Invocation, Context) -> any Encodable & Sendable

    init(
      _ make:
        @escaping @Sendable (ReleasesError, Invocation, Context)
        -> any Encodable & Sendable
    ) {
      self.make = make
    }

    /// The error alone.
    static let error = FailureReport { error, _, context in
      ErrorReport(error, for: context.reader)
    }
  }

  init(
    name: String, summary: String, group: Group?, roles: [Role] = [], details: [String],
    operands: [Operand] = [], options: [Option] = [],
    examples: [CommandDeclaration.Example], synonyms: [String] = [],
    failureReport: FailureReport = .error,
    run: @escaping @Sendable (Invocation, Context) throws(ReleasesError) -> CommandResult
  ) {
    declaration = CommandDeclaration(
      name: name, summary: summary, group: group?.rawValue, details: details,
      operands: operands, options: options, examples: examples, synonyms: synonyms)
    self.roles = roles
    self.failureReport = failureReport
    self.run = run
  }

  var name: String { declaration.name }

  /// Whether the command takes the lock of the store.
  var changesStore: Bool { declaration.changesStore }
}

extension CommandDeclaration {
  /// Whether the command takes the lock of the store.
  var changesStore: Bool { options.contains { $0.name == .wait } }
}

/// A group of commands that the gate allows together.
enum Role: String, CaseIterable, Sendable {
  case monitor, ci, cron, `operator`

  /// The role, and the roles whose commands it may run too.
  var included: [Role] {
    switch self {
    case .monitor: [.monitor]
    case .ci: [.monitor, .ci]
    case .cron: [.monitor, .cron]
    case .operator: [.monitor, .ci, .cron, .operator]
    }
  }
}
