import Foundation
import TestSupport
import Testing

/// The first switches of a store whose `current` points to a directory that is not a release.
@Suite struct ForeignCurrentTests {
  /// Scripts that make `current` point to a working directory of an older workflow.
  private static let places = [
    "mkdir -p 'releases/v1.2.3+5'; ln -s 'releases/v1.2.3+5' current",
    "mkdir old; ln -s ./old current", "mkdir ../old; ln -s \"$0/../old\" current",
    "mkdir ../old releases; ln -s ../../old releases/web; ln -s releases/web current",
    "mkdir -p old/public; ln -s old/public current",
  ]

  /// Returns a store whose activate hook lets the service run what `current` points to.
  private func makeStore(_ place: String, health: String = "grep -q old") throws -> TestStore {
    let store = try TestStore(initialized: false)
    let script = "umask 022; mkdir \"$0\"; cd \"$0\"\n\(place)\necho old > current/version"
    try Program.expect(["sh", "-ec", script, store.path])
    let running = "\(store.directory)/running"
    try "old\n".write(toFile: running, atomically: true, encoding: .utf8)
    try store.write(
      "releases.yaml",
      """
      hooks:
        activate:
          run: 'cat \(store.path)/current/version > \(running); echo "$RELEASES_EVENT $RELEASES_PATH" >> \(store.hookLog)'
      health: {command: '\(health) \(running)', timeout: 1s}
      """)
    try store.expectSuccess(["init"])
    return store
  }

  private func running(_ store: TestStore) throws -> String {
    try String(contentsOfFile: "\(store.directory)/running", encoding: .utf8)
  }

  @Test(arguments: places)
  func `a failed first deploy restores the link and the service`(place: String) throws {
    let store = try makeStore(place)
    let link = store.link("current")
    let archive = try store.archive(["version": "new\n"])
    let run = try store.run(["--json", "deploy", archive, "--id", "n1"])
    #expect(run.status == 10, "\(run.errors)")
    #expect(store.link("current") == link && store.previous == nil)
    #expect(try running(store) == "old\n")
    let real = try Program.expect(["readlink", "-f", "\(store.path)/current"]).lines[0]
    #expect(
      store.takeHookLines() == ["activate \(store.path)/releases/n1", "restore \(real)"])
    let text = try #require(link)
    #expect(run.errors.contains("current points to \(text) again, which is healthy"))
    #expect(!run.errors.contains("nothing was live") && !run.errors.contains("none is now"))
    #expect(
      try run.steps.suffix(3) == ["restore done", "restore-activate done", "restore-health done"])
    #expect(try store.entry(of: "n1")["state"] as? String == "bad")
    try store.runHint(of: run)
    try store.expectNothingToRecover("everything is restored")
  }

  @Test func `a failed first deploy restores a service that runs a file`() throws {
    let store = try TestStore()
    try store.write("app-1.jar", "old\n")
    try store.makeLink("current", to: "app-1.jar")
    let running = "\(store.directory)/running"
    try store.write(
      "releases.yaml",
      """
      hooks:
        activate: {run: 'cd \(store.path); cat $(find -L current -type f) > \(running)'}
      health: {command: 'grep -q old \(running)', timeout: 1s}
      """)
    let run = try store.run(["deploy", try store.archive(["app.jar": "new\n"])])
    #expect(run.status == 10, "\(run.errors)")
    #expect(store.link("current") == "app-1.jar")
    #expect(try self.running(store) == "old\n")
  }

  @Test func `a place that is not healthy either needs a person`() throws {
    let store = try makeStore(Self.places[0], health: "! true")
    let run = try store.run(["--json", "deploy", try store.archive(["version": "new"])])
    #expect(run.status == 11, "\(run.errors)")
    #expect(try running(store) == "old\n")
    #expect(run.errors.contains("current points to releases/v1.2.3+5 again, but"), "\(run.errors)")
  }

  @Test(arguments: places)
  func `recovery after a kill restores the link and the service`(place: String) throws {
    let store = try makeStore(place)
    let link = store.link("current")
    let configuration = try store.read("releases.yaml")
    try store.write(
      "releases.yaml",
      configuration.replacing("hooks.log'", with: "hooks.log; kill -9 $PPID'"))
    let archive = try store.archive(["version": "new\n"])
    #expect(try store.run(["deploy", archive, "--id", "n1"]).status == 137)
    #expect(store.link("current") == "releases/n1")
    #expect(try running(store) == "new\n")
    try store.write("releases.yaml", configuration)
    let planned = try store.expectSuccess(["recover", "--dry-run"])
    #expect(
      planned.output.contains("run the activate hook for \(link ?? "?"), which is not a release"),
      "\(planned.output)")
    try store.expectSuccess(["recover"])
    #expect(store.link("current") == link)
    #expect(try running(store) == "old\n")
    #expect(try store.entry(of: "n1")["state"] as? String == "bad")
    try store.expectNothingToRecover("everything is restored")
  }

  @Test func `recovery runs no hook for a link that was dangling`() throws {
    let store = try TestStore()
    try store.makeLink("current", to: "releases/gone+1")
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'echo $RELEASES_EVENT >> \(store.hookLog); kill -9 $PPID'}}")
    let archive = try store.archive(["version": "new\n"])
    #expect(try store.run(["deploy", archive, "--id", "n1"]).status == 137)
    try store.expectSuccess(["prune", "--no-hooks"])
    #expect(store.link("current") == "releases/gone+1")
    #expect(store.takeHookLines() == ["activate"])
  }

  @Test func `the hint of init makes the place a release to roll back to`() throws {
    let store = try makeStore(Self.places[0], health: "grep -q .")
    let run = try store.run(["init"])
    let command = try #require(
      run.warningCommand("to be able to roll back to it, make a release of it"), "\(run.errors)")
    try Releases.paste(command)
    #expect(store.current == "from-current")
    try store.expectSuccess(["deploy", try store.archive(["version": "new\n"]), "--id", "n1"])
    #expect(try running(store) == "new\n")
    try store.expectSuccess(["rollback"])
    #expect(try running(store) == "old\n")
    try store.expectConsistent()
  }

  @Test func `a deploy over a place says that no rollback can return to it`() throws {
    let store = try makeStore(Self.places[1], health: "grep -q new")
    let run = try store.expectSuccess(["deploy", try store.archive(["version": "new\n"])])
    #expect(
      run.errors.contains("current points to ./old, which is not a release"), "\(run.errors)")
    let command = try #require(
      run.warningCommand("to be able to roll back to it, make a release of it"), "\(run.errors)")
    try Releases.paste(command)
    try store.write("releases.yaml", "keep: {count: 3}\n")
    try store.expectSuccess(["rollback", "--to", "from-current"])
    #expect(try store.read("current/version") == "old\n")
  }

  @Test(.enabled(if: User.isRoot, "only root can change the owner"))
  func `no deployment leaves a place that another user can change`() throws {
    let store = try makeStore("mkdir old; ln -s ./old current; chmod 777 old")
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'pwd >> \(store.hookLog); test $RELEASES_EVENT = restore'}}")
    let archive = try store.archive(["version": "new\n"])
    try store.expectFailure(["deploy", archive, "--id", "n1"], status: 3, code: "unsafeOwner")
    #expect(store.takeHookLines().isEmpty)
  }
}
