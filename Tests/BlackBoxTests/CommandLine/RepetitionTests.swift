import Foundation
import TestSupport
import Testing

/// A command says each thing once.
@Suite struct RepetitionTests {
  private func count(_ text: String, in output: String) -> Int {
    output.components(separatedBy: text).count - 1
  }

  @Test func `the failure of a prepare hook is in the history once`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "hooks: {prepare: {run: 'exit 3'}}\n")
    _ = try store.run(["unpack", try store.archive(["VERSION": "1"]), "--id", "1"])
    let problem = "the prepare hook "
    for output in [
      try store.expectSuccess(["history"]).output,
      try store.expectSuccess(["report", "--html", "-"]).output
        .components(separatedBy: "<h2>").last { $0.contains("Outcome") } ?? "",
    ] {
      let line = output.split(separator: "\n").first { $0.contains(problem) }.map(String.init)
      #expect(count(problem, in: try #require(line, "\(output)")) == 1, "\(output)")
    }
  }

  @Test func `init says once what it recovered`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    _ = try store.run(["activate", "1"], launcher: Fault.signal("KILL", at: "renameat", 2))
    let run = try store.expectSuccess(["init"])
    #expect(
      count("releases: recovered: activate started at ", in: run.errors) == 1, "\(run.errors)")
  }

  @Test func `deploy warns once about what is stuck in the trash`() throws {
    let store = try TestStore()
    try store.write(".releases/trash/9.0000abcd/f", "")
    let stuck = "\(store.path)/.releases/trash/9.0000abcd/f"
    try Program.expect(["chattr", "+i", stuck])
    defer { _ = try? Program.run(["chattr", "-i", stuck]) }
    let run = try store.run(["deploy", try store.archive(["VERSION": "1"]), "--id", "1"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(count("was not removed completely", in: run.errors) == 1, "\(run.errors)")
  }
}
