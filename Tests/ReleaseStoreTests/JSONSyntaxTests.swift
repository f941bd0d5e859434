import Foundation
import Testing

@testable import ReleaseStore

/// The check of JSON that is printed as it was read.
@Suite struct JSONSyntaxTests {
  private func isValid(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { JSONSyntax.isValid($0) }
  }

  @Test(arguments: [
    "{}", "[]", "0", "-1.5e+9", "true", "null", #"{"a":[1,{"b":"c"}],"d":false}"#,
    #""\"\\\/\b\f\n\r\té漢""#, "[[[[]]]]", "1E-3",
  ])
  func `valid JSON is accepted`(_ text: String) {
    #expect(isValid(text))
  }

  @Test(arguments: [
    "", "{", "}", "007", "-", "1.", ".5", "1e", "+1", "NaN", "tru", #"{"a"}"#, #"{"a":}"#,
    #"{"a":1,}"#, "[1,]", "[1 2]", "{} {}", #""\x""#, #""\u12g4""#, "\"\n\"", "\"", "{1:2}",
    String(repeating: "[", count: 100_000),
    String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
  ])
  func `anything else is rejected`(_ text: String) {
    #expect(!isValid(text))
  }

  @Test func `bytes that are not UTF-8 are rejected`() {
    #expect(![UInt8](arrayLiteral: 0x22, 0xff, 0x22).withUnsafeBytes { JSONSyntax.isValid($0) })
  }
}
