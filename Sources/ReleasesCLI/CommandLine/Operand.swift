/// What a command is given besides options, in the order of the declarations. Only the last one may
/// be anything but `one`.
struct Operand: Sendable {
  /// How often it is given.
  enum Arity: Sendable {
    case one
    case optional
    /// Any number of times, also none.
    case any
  }

  let value: Value
  let arity: Arity
  /// One sentence; lower case, no final period.
  let help: String

  init(_ value: Value, _ arity: Arity = .one, help: String) {
    self.value = value
    self.arity = arity
    self.help = help
  }

  /// As a synopsis shows it, such as `[ID...]`.
  var synopsis: String {
    switch arity {
    case .one: value.placeholder
    case .optional: "[\(value.placeholder)]"
    case .any: "[\(value.placeholder)...]"
    }
  }
}

extension Operand {
  /// The one release a command is about.
  static func release(_ help: String) -> Operand {
    Operand(Value("ID", .releases), help: help)
  }
}
