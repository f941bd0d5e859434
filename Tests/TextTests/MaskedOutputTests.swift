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
