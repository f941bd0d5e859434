import Testing
import Text

@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("{\"a\": 1}\n", "{\"a\": 1}"), ("a\nb\r\n\tc \t\n\n", "a b   c"), ("\n \t", ""),
    ("a\u{7}\n", "a?"),
    ("a\u{1B}b\n", "a?b"), ("", ""),
  ])
  func `the output of a program is one line without white space at its end`(
    output: String, line: String
  ) {
    #expect(printableLine(Array(output.utf8)) == line)
  }
}
