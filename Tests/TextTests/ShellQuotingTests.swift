import Testing
import Text

@Suite struct ShellQuotingTests {
  @Test(arguments: [
    ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("'\u{301}", "''\\''\u{301}'"),
  ])
  func `a text becomes one word of a shell`(text: String, word: String) {
    #expect(text.shellQuoted.utf8.elementsEqual(word.utf8))
  }
}
