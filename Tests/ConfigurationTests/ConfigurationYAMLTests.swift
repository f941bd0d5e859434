import Configuration
import ReleaseModel
import Testing
import Text

/// Mistakes that are found before the keys are read.
@Suite struct ConfigurationYAMLTests {
  static func failure(_ bytes: [UInt8]) -> ReleasesError? {
    do throws(ReleasesError) {
      _ = try Configuration(parsing: bytes, file: "f.yaml")
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    "", "\n", "# only a comment\n", "---\n", "---\n...\n", "~\n", "null\n", "{}\n", "keep:\n",
    "keep: {}\nhooks: ~\nhealth: null\n", "hooks: {prepare: }\n", "\u{FEFF}keep: {count: 3}\n",
    "keep: {count: 3}\r\n",
  ])
  func `a file without settings selects the defaults`(text: String) throws {
    #expect(try Configuration(parsing: Array(text.utf8), file: "f.yaml") == Configuration())
  }

  @Test(arguments: [
    ("keep: {count: 3", "f.yaml:1:7: did not find expected ',' or '}' while parsing a flow"),
    ("keep: [}", "f.yaml:1:8: "),
    ("keep:\n\tcount: 3\n", "f.yaml:2:1: found character that cannot start any token"),
    (
      "keep: {count: 3}\nkeep: {count: 4}\n",
      "f.yaml:2:1: duplicate key 'keep', first used on line 1"
    ),
    (
      "keep:\n  count: 3\n  \"count\": 4\n",
      "f.yaml:3:3: duplicate key 'count', first used on line 2"
    ),
    ("keep: &a {count: 3}\n", "f.yaml:1:7: anchors (&)"),
    ("service: *a\n", "f.yaml:1:10: aliases (*)"),
    ("verify: {ignore: [**/x]}\n", "f.yaml:1:19: a string that begins with * or & needs quotes"),
    ("keep: {count: !!int 3}\n", "f.yaml:1:15: tags (!)"),
    ("keep: {count: 3}\n---\nkeep: {count: 4}\n", "f.yaml:2:1: more than one document"),
    ("[a]: b\n", "f.yaml:1:1: a key must not be a list or mapping"),
    ("service: \"a\\0b\"\n", "f.yaml:1:10: NUL characters"),
    ("service: a\nhooks: \u{7}x\n", "f.yaml:2:8: control characters are not allowed"),
    ("é: 1\nservice: é é: x\n", "f.yaml:2:13: mapping values are not allowed"),
    ("- a\n- b\n", "f.yaml:1:1: configuration: expected a mapping, found a list"),
    ("text\n", "f.yaml:1:1: configuration: expected a mapping, found 'text'"),
  ])
  func `YAML that the configuration does not use is rejected`(text: String, message: String) throws
  {
    let error = try #require(Self.failure(Array(text.utf8)))
    #expect(error.code == .configuration)
    #expect(error.message.text.hasPrefix(message), "\(error.message)")
  }

  @Test(arguments: [
    ("keep： {count: 3}\n", "on line 1, write : in place of ： (U+FF1A)"),
    ("keep: {count: 3，age: 7d}\n", "on line 1, write , in place of ， (U+FF0C)"),
    ("keep:\n  age： 7d\n", "on line 2, write : in place of ： (U+FF1A)"),
    ("keep: ｛count: 3}\n", "on line 1, write { in place of ｛ (U+FF5B)"),
    (
      "hooks:\n  activate: {run: “true”, timeout: soon}\n",
      "on line 2, write \" in place of “ (U+201C)"
    ),
    ("keep:\u{3000}{count: x}\n", "on line 1, write a space in place of U+3000"),
    ("keep:\u{A0}{count: x}\n", "on line 1, write a space in place of U+00A0"),
    ("keep:\n\tcount: 3\n", "on line 2, indent with spaces in place of the tab (U+0009)"),
    (
      "keep:\n  count: 3\n \tage: 7d\n",
      "on line 3, indent with spaces in place of the tab (U+0009)"
    ),
    ("keep: {count: ３}\n", "on line 1, write 3 in place of ３ (U+FF13)"),
    ("keep: {age: ７d}\n", "on line 1, write 7 in place of ７ (U+FF17)"),
    (
      "hooks: {activate: {run: “systemctl restart app”}}\n",
      "on line 1, write \" in place of “ (U+201C)"
    ),
    (
      "hooks:\n  activate:\n    run: [systemctl，restart, app]\n",
      "on line 3, write , in place of ， (U+FF0C)"
    ),
    (
      "hooks:\n  activate: {run: \"systemctl，restart app\"}\n",
      "on line 2, write , in place of ， (U+FF0C)"
    ),
  ])
  func `the hint names full-width punctuation`(
    text: String, hint: String
  ) throws {
    let error = try #require(Self.failure(Array(text.utf8)))
    #expect(error.hint?.text.text == hint)
  }

  @Test func `full-width punctuation in values and comments is accepted`() throws {
    let text = "# 注释：保留，三个\nhooks: {activate: {run: 'echo “完成”，好'}}\n"
    #expect(Self.failure(Array(text.utf8)) == nil)
    let other = try #require(Self.failure(Array("keep: {count: x} # 三个，\n".utf8)))
    #expect(other.hint?.text.text.contains("in place of") != true)
  }

  @Test func `the hint for a text in another encoding converts it`() throws {
    let chinese: [UInt8] = [0xD7, 0xA2, 0xCA, 0xCD, 0xA3, 0xBA, 0xB1, 0xA3, 0xC1, 0xF4]
    for (bytes, encoding) in [
      (Array("# ".utf8) + chinese, "GB18030"), (Array("# caf".utf8) + [0xE9, 0x20], "ISO-8859-1"),
      (
        Array("# K".utf8) + [0xF6] + Array("ln und M".utf8) + [0xFC] + Array("nchen".utf8),
        "ISO-8859-1"
      ),
      ([0xFF, 0xFE, 0x61, 0x00], "UTF-16"),
    ] {
      let error = try #require(Self.failure(bytes))
      #expect(
        error.hint?.command
          == .shell(
            "iconv -f \(encoding) -t UTF-8 'f.yaml' > 'f.yaml.utf8' && mv 'f.yaml.utf8' 'f.yaml'"))
    }
  }

  @Test func `text that is not UTF-8 is rejected`() throws {
    let error = try #require(Self.failure(Array("a: b\né: ".utf8) + [0xE9, 0x0A]))
    #expect(error.message == "f.yaml:2:4: invalid UTF-8")
    let utf16: [UInt8] = [0xFF, 0xFE] + Array("a".utf8) + [0]
    #expect(Self.failure(utf16)?.message == "f.yaml:1:1: invalid UTF-8")
  }

  @Test func `the depth is limited`() throws {
    let nested = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    let error = try #require(Self.failure(Array("keep: \(nested)".utf8)))
    #expect(error.message == "f.yaml:1:22: nested deeper than 16 levels")
  }

  @Test func `the size is limited`() throws {
    let comment = Array("#".utf8) + Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
    #expect(Self.failure(comment)?.message == "f.yaml:1:1: the file is larger than 1.0 MiB")
    #expect(Self.failure(Array(comment.dropLast())) == nil)
  }

  @Test func `a message is one short printable line`() throws {
    let key = "\"a\\e[31m\\n" + String(repeating: "b", count: 500) + "\""
    let message = try #require(Self.failure(Array("\(key): 1\n".utf8))).message
    #expect(message.text.hasPrefix("f.yaml:1:1: unknown key 'a\\u{1B}[31m\\nbbb"))
    #expect(message.text.hasSuffix("b…' at the top level"))
    #expect(message.text.count < 120)
  }
}
