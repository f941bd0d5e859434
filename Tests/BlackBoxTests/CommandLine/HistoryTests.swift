import TestSupport
import Testing

@Suite struct HistoryTests {
  @Test func `history shows the command of each transaction if asked`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    try store.expectSuccess(["deploy", archive, "--id", "1", "--ref", "v 1"])
    let command = "releases --store \(store.path) deploy \(archive) --id 1 --ref v 1"
    for option in ["--verbose", "-v"] {
      let lines = try store.expectSuccess(["history", option]).output.split(separator: "\n")
      #expect(lines[0].hasSuffix("  COMMAND") && lines[0].contains("  NOTE  ") == false, "\(lines)")
      // A deployment is two transactions.
      for (line, operation) in zip(lines[1...], ["activate", "publish"]) {
        #expect(line.contains("  \(operation) ") && line.hasSuffix("  \(command)"), "\(line)")
      }
    }
    #expect(!(try store.expectSuccess(["history"]).output.contains("deploy")))
    #expect(try store.expectSuccess(["history", "--json"]).output.contains(command))
  }
}
