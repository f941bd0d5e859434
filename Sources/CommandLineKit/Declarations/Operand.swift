/// What a command takes besides options, in the order of the declarations. Only the last operand may
/// be optional or repeated.
package struct Operand: Sendable {
  /// How often it is given.
  package enum Arity: Sendable {
    case one
    case optional
    /// Any number of times, also none.
    case any
  }

  package let value: Value
  package let arity: Arity
  /// One sentence; lower case, no final period.
  package let help: String

  package init(_ value: Value, _ arity: Arity = .one, help: String) {
    self.value = value
    self.arity = arity
    self.help = help
  }

  /// As a synopsis shows it, such as `[ID...]`.
  package var synopsis: String {
    switch arity {
    case .one: value.placeholder
    case .optional: "[\(value.placeholder)]"
    case .any: "[\(value.placeholder)...]"
    }
  }
}
