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

  @Test(arguments: ["token", "password", "api_key"])
  func `an identifier that is the name of a secret hides none`(id: String) {
    for separator in ["=", ": ", " = "] {
      let text = "\(id)\(separator)hunter2secret"
      #expect(Message(text, keeping: [id]).text == "\(id)\(separator)[masked]")
      let lines = Outgoing.lines(Array("a\n\(text)\n".utf8), keeping: [id])
      #expect(String(decoding: lines, as: UTF8.self) == "a\n\(id)\(separator)[masked]\n")
    }
  }

  @Test func `a known identifier is masked where it is a secret, and hides none`() {
    let id = Self.token
    #expect(Message("password=\(id)", keeping: [id]).text == "password=[masked]")
    #expect(!Message("password=ab$\(id)$hunter2", keeping: [id]).text.contains("hunter2"))
    #expect(!Message("https://u:\(id)@hunter2@h/", keeping: [id]).text.contains("hunter2"))
    #expect(
      Message("release \(id) and releaseax \(id)", keeping: [id, "x"]).text
        == "release \(id) and releaseax \(id)")
  }

  @Test(arguments: [
    ("##[error]x", "## [error]x"), ("v1 ##vso[task]", "v1 ## vso[task]"),
    ("::error::x", ": :error::x"), ("a ::set-output name=b::c", "a : :set-output name=b::c"),
    ("v1.2::3", "v1.2::3"),
  ])
  func `an identifier gives no command to the log of a workflow`(text: String, expected: String) {
    #expect(Message(verbatim: text).text == expected)
    let message: Message = "built from \(verbatim: text)"
    #expect(message.text == "built from \(expected)")
  }

  @Test func `no command comes from several parts`() {
    let message: Message = "#\(verbatim: "#[error]x") :\(verbatim: ":error::x")"
    #expect(message.text == "## [error]x : :error::x")
  }

  @Test(arguments: [
    ("\u{1B}[31mred\u{1B}[0m", "red"), ("a\r\nb\tc", "a b c"), ("a\rb", "a?b"),
    ("user\u{202E}gnp.exe\u{2066}", "user?gnp.exe?"), ("\u{9B}31m", "?31m"),
    ("pass\u{200B}word=hunter2", "pass?word=[masked]"),
    ("password=hun\u{202E}ter2", "password=[masked]"), ("pass\rword=hunter2", "pass?word=[masked]"),
    ("passw\u{8}ord: hunter2", "passw?ord: [masked]"), ("password=\nhunter2", "password= [masked]"),
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
