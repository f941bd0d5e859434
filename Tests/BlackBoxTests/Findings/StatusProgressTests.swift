import Foundation
import TestSupport
import Testing

/// What is under way is visible at once in `status`, `list` and `status --watch`.
@Suite struct StatusProgressTests {
  private func message(_ code: String, _ run: Releases.Run) throws -> String? {
    try run.findings.first { $0.code == code }?.message
  }

  @Test func `a switch that waits for its health check says how long and which attempt`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write(
      "releases.yaml", "health: {command: 'test -e ../../healthy', timeout: 1m, interval: 1s}\n")
    let switching = try store.start(["activate", "2"])
    let waiting = /2 is unconfirmed: waiting for health, \d+ of 60 s, attempt [1-9]\d*/
    try store.waitUntil("status shows the tries") {
      try message("unconfirmed", try store.status())?.wholeMatch(of: waiting) != nil
    }
    let status = try store.status()
    #expect(status.status == 0, "no person has to act")
    let confirmation = try #require(try status.json["confirmation"] as? [String: Any])
    #expect(confirmation["release"] as? String == "2")
    #expect(confirmation["stage"] as? String == "health")
    #expect(confirmation["limitSeconds"] as? Int == 60)
    #expect((confirmation["attempts"] as? Int ?? 0) > 0)
    #expect(confirmation["restoring"] as? Bool == false)
    let last = try #require(try status.json["lastSwitch"] as? [String: Any])
    #expect(last["state"] as? String == "running" && last["id"] as? String == "2")
    let list = try store.run(["list", "--json"])
    #expect(try message("unconfirmed", list)?.wholeMatch(of: waiting) != nil)
    let text = try store.run(["list"]).output
    #expect(text.contains("live, unconfirmed"), "\(text)")
    #expect(try store.entry(of: "2")["unconfirmed"] as? Bool == true)
    #expect(
      try store.run(["metrics"]).output.contains(
        "releases_unconfirmed{store=\"\(store.path)\"} 1\n"))
    try store.write("healthy", "")
    #expect(switching.end() == 0)
    #expect(try store.status().json["confirmation"] is NSNull)
    #expect(try store.entry(of: "2")["unconfirmed"] as? Bool == false)
    #expect(!store.exists(".releases/confirmation.json"))
    try store.expectFindings([])
  }

  @Test func `a hook and a restoration are shown`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    let hook = "while [ ! -e ../../go-$RELEASES_ID ]; do sleep 0.02; done; [ $RELEASES_ID = 1 ]"
    try store.write("releases.yaml", "hooks: {activate: {run: '\(hook)', timeout: 30s}}\n")
    let switching = try store.start(["activate", "2"])
    try store.waitUntil("status shows the hook") {
      try message("unconfirmed", try store.status())?
        .hasPrefix("2 is unconfirmed: running the activate hook, ") == true
    }
    try store.write("go-2", "")
    try store.waitUntil("status shows the restoration") {
      try message("unconfirmed", try store.status())?
        .hasPrefix("2 failed; restoring 1: running the activate hook, ") == true
    }
    try store.write("go-1", "")
    #expect(switching.end() == 10)
    try store.expectFindings([])
  }

  @Test func `a killed switch leaves no progress that another one shows`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write("releases.yaml", "health: {command: 'touch ../../try; false', timeout: 1m}\n")
    let switching = try store.start(["activate", "2"])
    try store.waitUntil("it waits") { store.exists(".releases/confirmation.json") }
    switching.send(SIGKILL)
    #expect(switching.waitForExit() == 128 + SIGKILL)
    try store.expectFindings(["interrupted", "unhealthy"])
    #expect(try store.status().json["confirmation"] is NSNull)
    try store.follow("interrupted", until: ["unhealthy"])
    #expect(!store.exists(".releases/confirmation.json"))
  }

  @Test func `an upload is visible while it arrives`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let archive = try Data(
      contentsOf: URL(fileURLWithPath: try store.archive(["VERSION": "2"])))
    let upload = try store.start(["unpack", "-", "--id", "2"])
    try upload.write(archive.prefix(40))
    try store.waitUntil("status shows the upload") {
      try message("unpacking", try store.status())
        == "a release is being unpacked by process \(upload.pid)"
    }
    #expect(try store.status().status == 0)
    #expect(try store.run(["list"]).output.contains("note: a release is being unpacked"))
    try upload.write(archive.dropFirst(40))
    #expect(upload.end() == 0)
    try store.expectFindings([])
  }

  @Test func `an unpacked release that waits for the lock says who holds it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write("releases.yaml", "health: {command: 'test -e ../../healthy', timeout: 1m}\n")
    let holder = try store.start(["activate", "2"])
    try store.waitUntil("it holds the lock") { store.exists(".releases/confirmation.json") }
    let archive = try store.archive(["VERSION": "3"])
    let waiting = try store.start(["unpack", archive, "--id", "3", "--wait", "1m"])
    try store.waitUntil("status shows the wait") {
      let text = try message("unpacking", try store.status()) ?? ""
      return text.hasPrefix(
        "a release was unpacked by process \(waiting.pid), which waits for the lock that ")
        && text.hasSuffix(" (pid \(holder.pid)) holds")
    }
    try store.write("healthy", "")
    #expect(holder.end() == 0 && waiting.end() == 0)
    try store.expectFindings([])
  }

  @Test func `the last switch stays visible after other transactions`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.expectSuccess(["pin", "1", "--reason", "x"])
    let status = try store.status().json
    #expect((status["last"] as? [String: Any])?["operation"] as? String == "pin")
    let last = try #require(status["lastSwitch"] as? [String: Any])
    #expect(last["operation"] as? String == "activate" && last["id"] as? String == "2")
    #expect(try store.run(["status"]).output.contains(#/\nlast switch +activate 2 by /#))
    #expect(try TestStore().run(["status", "--json"]).json["lastSwitch"] is NSNull)
  }

  @Test func `the watch never shows the health of another release`() throws {
    let store = try TestStore()
    for (id, version) in [("1", "good"), ("2", "unhealthy")] {
      try store.expectSuccess(["unpack", try store.packRelease(version), "--id", id])
    }
    try store.expectSuccess(["activate", "1"])
    try store.write(
      "releases.yaml", "health: {command: 'sleep 0.4; ! grep -q unhealthy VERSION'}\n")
    let watch = "exec '\(Releases.binary)' --store '\(store.path)' status --watch --json > out"
    let program = try BackgroundProgram(["sh", "-c", watch], directory: store.directory)
    func documents() throws -> [(current: String, isHealthy: Bool?)] {
      let text = try String(contentsOfFile: "\(store.directory)/out", encoding: .utf8)
      return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .filter { !$0.isEmpty }.map {
          DocumentValidation.expectValid(
            try ParsedJSON(Data($0.utf8)), ofCommand: "status", String($0))
          let object = try JSONSerialization.jsonObject(with: Data($0.utf8))
          let status = try #require(object as? [String: Any])
          return (
            status["current"] as? String ?? "",
            (status["health"] as? [String: Any])?["healthy"] as? Bool
          )
        }
    }
    for id in ["1", "2", "1", "2"] {
      try store.makeLink("current", to: "releases/\(id)")
      try store.waitUntil("the watch shows the health of \(id)") {
        let last = try? documents().last
        return last?.current == id && last?.isHealthy != nil
      }
    }
    program.send(SIGTERM)
    _ = program.waitForExit()
    for (current, isHealthy) in try documents() where isHealthy != nil {
      #expect(isHealthy == (current == "1"), "\(current)")
    }
  }

  @Test func `the watch shows each stage of a switch`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'while [ ! -e ../../go ]; do sleep 0.02; done'}}
      health: {command: 'test -e ../../healthy', timeout: 1m}
      """)
    let watch = "exec '\(Releases.binary)' --store '\(store.path)' status --watch > out"
    let program = try BackgroundProgram(["sh", "-c", watch], directory: store.directory)
    func output() -> String {
      (try? String(contentsOfFile: "\(store.directory)/out", encoding: .utf8)) ?? ""
    }
    try store.waitUntil("it watches") { output().contains("live ") }
    let switching = try store.start(["activate", "2"])
    try store.waitUntil("the hook") { output().contains("running the activate hook, ") }
    try store.write("go", "")
    try store.waitUntil("the health check") { output().contains("waiting for health, ") }
    try store.write("healthy", "")
    #expect(switching.end() == 0)
    try store.waitUntil("the end") {
      output().components(separatedBy: "\n\n").last?.contains("unconfirmed") == false
    }
    program.send(SIGTERM)
    _ = program.waitForExit()
  }
}
