import Testing
import Text

@Suite struct MessageTests {
  private static let token = "ghp_abcdefghijklmnopqrst0123"

  @Test func `free text is masked and identifiers are not`() {
    let (id, text) = (Self.token, "password=hunter2")
    let message: Message = "release \(verbatim: id) failed: \(text)"
    #expect(message.text == "release \(id) failed: password=[masked]")
    #expect(Message(id).text == "ghp_[masked]")
    #expect(Message(verbatim: id).text == id)
  }

  @Test func `an identifier does not name the text after it`() {
    let message: Message = "release \(verbatim: "api-token"): not ready"
    #expect(message.text == "release api-token: not ready")
  }

  @Test func `a secret is masked that the text of the program names`() {
    let value = "hunter2"
    let message: Message = "the configuration has password: \(value)"
    #expect(message.text == "the configuration has password: [masked]")
  }

  @Test func `a message in a message keeps its identifiers`() {
    let inner: Message = "\(verbatim: Self.token) is live"
    let outer: Message = "failed: \(inner)" + "; " + ["a", inner].joined(separator: ", ")
    #expect(outer.text == "failed: \(Self.token) is live; a, \(Self.token) is live")
    #expect("\(outer)" == outer.text)
  }

  @Test func `known identifiers in free text are kept as whole words`() {
    let text = "activate \(Self.token) --token \(Self.token)x"
    #expect(
      Message(text, keeping: [Self.token]).text
        == "activate \(Self.token) --token [masked]")
    #expect(Message("", keeping: ["a"]).text == "")
    #expect(Message("a b a", keeping: ["a", ""]).text == "a b a")
  }

  @Test(arguments: [
    ("\u{1B}[31mred\u{1B}[0m", "red"), ("a\r\nb\tc", "a b c"), ("a\rb", "a?b"),
    ("user\u{202E}gnp.exe\u{2066}", "user?gnp.exe?"), ("\u{9B}31m", "?31m"),
    ("👩\u{200D}🔧 می\u{200C}خواهم", "👩\u{200D}🔧 می\u{200C}خواهم"),
    ("pass\u{1B}[1mword=hunter2", "password=[masked]"), ("版本 é", "版本 é"),
  ])
  func `characters that control the reader are neutralized`(text: String, expected: String) {
    #expect(Message(text).text == expected)
    #expect(Message(Message(text).text).text == expected)
  }

  @Test(arguments: [
    ("::error::x", ": :error::x"), ("x ::set-output name=a::b", "x : :set-output name=a::b"),
    ("##[error]x", "## [error]x"), ("a ##vso[task]b", "a ## vso[task]b"),
    (":::error::x", ":: :error::x"), ("std::error::Error", "std::error::Error"),
    ("[::1]:80 and ::ffff:10.0.0.1", "[::1]:80 and ::ffff:10.0.0.1"), ("## Title", "## Title"),
  ])
  func `commands to the log of a workflow are neutralized`(text: String, expected: String) {
    #expect(Message(text).text == expected)
    #expect(Message(Message(text).text).text == expected)
  }
}
