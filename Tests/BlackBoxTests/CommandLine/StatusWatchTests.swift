import Foundation
import TestSupport
import Testing

/// `status --watch` while other commands change the store.
@Suite struct StatusWatchTests {
  /// Runs `status --watch` with changes of the store.
  ///
  /// - Parameters:
  ///   - store: the store to watch.
  ///   - options: further options of `status`, as a shell reads them.
  ///   - steps: what to wait for in the output, and what to do then.
  /// - Returns: the output until the watch was stopped after the last step.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  private func watch(
    _ store: TestStore, _ options: String = "",
    steps: [(isReached: (String) -> Bool, action: () throws -> Void)]
  ) throws -> String {
    let file = "\(store.directory)/out"
    let watch = "exec '\(Releases.binary)' --store '\(store.path)' status --watch \(options) > out"
    let program = try BackgroundProgram(["sh", "-c", watch], directory: store.directory)
    func output() -> String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }
    for step in steps {
      try store.waitUntil("the watch shows it") { step.isReached(output()) }
      try step.action()
    }
    program.send(SIGTERM)
    #expect(program.waitForExit() == 128 + SIGTERM)
    return output()
  }

  private func live(_ output: String) -> [Substring] {
    output.matches(of: /(?m)^live +(\d)$/).map(\.output.1)
  }

  @Test func `a change is shown`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let output = try watch(
      store,
      steps: [
        ({ live($0) == ["2"] }, { try store.expectSuccess(["activate", "1"]) }),
        ({ live($0).last == "1" && $0.hasSuffix("\n") }, {}),
      ])
    // The watch may also catch the switch itself.
    #expect(live(output).count <= 3, "\(output)")
    #expect(!output.contains("\u{1B}"))
  }

  @Test func `free space alone draws nothing on a terminal`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let output = try Terminal.run(
      script: """
        cd '\(store.directory)'
        for n in $(seq 80); do mkdir d$n; sleep 0.05; done &
        timeout 4 '\(Releases.binary)' --store '\(store.path)' status --watch || true
        wait
        """, columns: 100)
    let drawings = output.components(separatedBy: "\u{1B}[H").dropFirst().map { drawing in
      drawing.split(separator: "\n").filter { !$0.contains("free") }
    }
    #expect(drawings.count > 1, "\(output)")
    for (one, next) in zip(drawings, drawings.dropFirst()) { #expect(one != next) }
  }

  @Test func `each change is one document`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    func documents(_ output: String) -> [Substring] {
      output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .filter { $0.hasPrefix("{") }
    }
    let output = try watch(
      store, "--json",
      steps: [
        ({ documents($0).count == 1 }, { try store.expectSuccess(["freeze", "--reason", "x"]) }),
        ({ documents($0).count == 2 }, {}),
      ])
    let frozen = try documents(output).map {
      try #require(
        JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])["frozen"] is NSNull
    }
    #expect(frozen == [true, false])
  }

  @Test func `a running switch is shown`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'while [ ! -e ../../go ]; do sleep 0.02; done'}}\n")
    var switching: BackgroundProgram?
    let output = try watch(
      store,
      steps: [
        ({ live($0) == ["1"] }, { switching = try store.start(["activate", "2"]) }),
        ({ $0.contains("running") }, { try store.write("go", "") }),
      ])
    #expect(switching?.end() == 0)
    #expect(output.contains("activate 2"), "\(output)")
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
