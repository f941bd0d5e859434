/// An argument of a command that is not an option. A command declares its operands in order, and only
/// the last one may be optional or repeated.
package struct Operand: Sendable {
  /// The number of times that the operand is given.
  package enum Arity: Sendable {
    case one
    case optional
    /// Any number of times, including none.
    case any
  }

  package let value: Value
  package let arity: Arity
  /// The help: one line with a capital letter and no final period.
  package let help: String

  package init(_ value: Value, _ arity: Arity = .one, help: String) {
    self.value = value
    self.arity = arity
    self.help = help
  }

  /// The form in a synopsis, such as `[ID...]`.
  package var synopsis: String {
    switch arity {
    case .one: value.placeholder
    case .optional: "[\(value.placeholder)]"
    case .any: "[\(value.placeholder)...]"
    }
  }
}
