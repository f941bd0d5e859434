import CommandLineKit
import Testing

extension CommandDeclaration: CustomTestStringConvertible {
  package var testDescription: String { name }
}

extension Option: CustomTestStringConvertible {
  package var testDescription: String { long }
}

extension Option.Name: CustomTestStringConvertible {
  package var testDescription: String { text }
}
