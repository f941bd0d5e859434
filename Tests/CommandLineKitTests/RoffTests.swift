import Testing

@testable import CommandLineKit

@Suite struct RoffTests {
  @Test(arguments: [
    (".Dd x", "\\&.Dd x"), ("'br", "\\(aqbr"), ("a\\fBb", "a\\efBb"), ("--x", "\\-\\-x"),
    ("\"a\"", "\\(dqa\\(dq"), ("~ ^ `", "\\(ti \\(ha \\(ga"),
  ])
  func `no text is interpreted as a macro`(text: String, expected: String) {
    #expect(Roff.line(text) == expected)
  }

  @Test func `each sentence begins a line`() {
    #expect(Roff.prose("One two. Three? Four") == ["One two.", "Three?", "Four"])
    let words = Array(repeating: "word", count: 15).joined(separator: " ")
    #expect(Roff.prose(words + " .profile is a file.") == [words, "\\&.profile is a file."])
  }
}
