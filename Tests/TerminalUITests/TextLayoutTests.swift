import TerminalUI
import Testing

@Suite struct TextLayoutTests {
  @Test func `text is wrapped at the width`() {
    #expect(TextLayout.wrap("ab cd ef", width: 5) == ["ab cd", "ef"])
    #expect(TextLayout.wrap("ab cd ef", width: 4, indent: 1) == [" ab", " cd", " ef"])
    #expect(TextLayout.wrap("abcdefgh i", width: 4) == ["abcdefgh", "i"])
    #expect(TextLayout.wrap("", width: 4) == [])
    #expect(TextLayout.wrap("abcdefgh i", width: 4, isBreaking: true) == ["abcd", "efgh", "i"])
    #expect(TextLayout.wrap("a  b c", width: 4, isBreaking: true) == ["a  b", "c"])
  }
}
