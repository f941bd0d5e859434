import Foundation
import TestSupport
import Testing

/// `status --watch` while other commands change the store.
@Suite struct StatusWatchTests {
  /// Runs `status --watch` while a script runs, and returns what it printed.
  private func watched(_ store: TestStore, _ options: String, _ script: String) throws -> String {
    let watch = """
      '\(Releases.binary)' --store '\(store.path)' status --watch \(options) >'\(store.directory)/out' &
      sleep 1; \(script); sleep 1.2; kill $!; wait $!; echo "status $?" >>'\(store.directory)/out'
      """
    let run = try Program.run(
      ["bash", "-mc", watch], environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"])
    #expect(run.status == 0, "\(run.errors)")
    return try String(contentsOfFile: "\(store.directory)/out", encoding: .utf8)
  }

  @Test func `a change is shown`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let output = try watched(
      store, "", "'\(Releases.binary)' --store '\(store.path)' activate 1 >/dev/null")
    let live = output.matches(of: /(?m)^live +(\d)$/).map(\.output.1)
    // The watch may also catch the switch itself.
    #expect(live.first == "2" && live.last == "1" && live.count <= 3, "\(output)")
    #expect(output.hasSuffix("status 143\n") && !output.contains("\u{1B}"))
  }

  @Test func `each change is one document`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let output = try watched(
      store, "--json",
      "'\(Releases.binary)' --store '\(store.path)' freeze --reason x >/dev/null")
    let documents = try output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
      try #require(
        JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(documents.count == 2)
    #expect(documents.map { $0["frozen"] is NSNull } == [true, false])
  }

  @Test func `a running switch is shown`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write("releases.yaml", "hooks: {activate: {run: sleep 2}}\n")
    let output = try watched(
      store, "", "'\(Releases.binary)' --store '\(store.path)' activate 2 >/dev/null 2>&1")
    #expect(output.contains("activate 2") && output.contains("running"), "\(output)")
    #expect(output.components(separatedBy: "live  ").count > 2)
  }

  /// The watch has nothing new to write here, and still has to notice.
  @Test func `a closed pipe ends the watch`() throws {
    let store = try TestStore()
    let line = "'\(Releases.binary)' --store '\(store.path)' status --watch | head -n 1"
    let run = try Program.run(["timeout", "20", "bash", "-o", "pipefail", "-c", line])
    #expect(run.status == 0 && run.lines.count == 1, "\(run)")
  }

  @Test func `a terminal is redrawn in place`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let output = try Terminal.run(
      script: "timeout 1.3 '\(Releases.binary)' --store '\(store.path)' status --watch",
      columns: 60, environment: ["TERM": "xterm"])
    #expect(output.components(separatedBy: "\u{1B}[H").count >= 3, "\(output)")
    #expect(
      output.contains("\u{1B}[K") && output.contains("\u{1B}[J") && !output.contains("\u{1B}[2J"))
  }
}
