import Testing
import Text

@Suite struct MaskedOutputTests {
  /// Returns what is shown for output that arrives in these pieces.
  private func shown(_ pieces: [String]) -> String {
    var output = MaskedOutput()
    let bytes = pieces.flatMap { output.append(Array($0.utf8)) } + output.finish()
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func `a secret is masked wherever the pieces of the output end`(size: Int) {
    let text = "begin\nDB_PASSWORD=hunter2\nurl postgres://app:hunter2@db/x\rend\ntoken: hunter2"
    let scalars = Array(text)
    let pieces = stride(from: 0, to: scalars.count, by: size).map {
      String(scalars[$0..<min($0 + size, scalars.count)])
    }
    #expect(
      shown(pieces)
        == "begin\nDB_PASSWORD=[masked]\nurl postgres://app:[masked]@db/x\nend\ntoken: [masked]\n")
  }

  @Test func `a value some lines below its name is masked`() {
    #expect(!shown(["password:\n", "  first: x\n", "  - hunter2\n"]).contains("hunter2"))
  }

  @Test(arguments: [
    "\r", "\n", "\r\n", "\u{200B}", "\u{2060}", "\u{AD}", "\u{8}", "\u{0}", "\u{202E}", "\u{1B}[0m",
  ])
  func `a secret that a character splits is masked`(split: String) {
    let token = "ghp_abcdefghij\(split)0k1l2m3n4o5p6q7r8s9t"
    for text in [
      "pass\(split)word=hunter2", "password=\(split)hunter2", "password=hun\(split)ter2",
      "see \(token)", "postgres://app:hun\(split)ter2@db/x", "see \(token) there",
    ] {
      let shown = shown([text + "\n", "next\n"])
      #expect(!shown.contains("ter2") && !shown.contains("k1l2m3n4o5p6q7r8s9t"), "\(shown)")
      #expect(shown.hasSuffix("\nnext\n"))
    }
  }

  @Test(arguments: [
    "password=hunter2\nStarting 3 workers\n", "token: hunter2\nv1.2.3 is ready\n",
    "secret=hunter2\n10.0.0.1 is up\n", "password=hunter2\n\nweb1 is up\n",
  ])
  func `what follows a secret is shown`(text: String) {
    let rest = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
    #expect(
      shown([text]).hasSuffix("=[masked]\n" + rest.joined(separator: "\n"))
        || shown([text]).hasSuffix(": [masked]\n" + rest.joined(separator: "\n")),
      "\(shown([text]))")
  }

  @Test func `output without secrets is shown as it is`() {
    #expect(shown(["one\ntwo", "\nthree"]) == "one\ntwo\nthree\n")
    #expect(shown(["\u{1B}[31mred\u{1B}[0m\n"]) == "red\n")
    #expect(shown([]) == "")
  }

  @Test func `a line that is too long is left out, and the next one is shown`() {
    let long = String(repeating: "x", count: 70_000)
    #expect(
      shown([long, long, "token=hunter2\nnext\n"])
        == "[a line of more than 65536 bytes left out]\nnext\n")
  }
}
