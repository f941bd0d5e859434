import Foundation
import TestSupport
import Testing

/// The content of the live release is compared with its manifest, like that of the rollback target.
@Suite struct LiveContentTests {
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.expectFindings([])
    return store
  }

  @Test(arguments: ["modified", "missing"])
  func `a live release that lost its content is a problem`(_ what: String) throws {
    let store = try makeStore()
    if what == "modified" {
      try store.write("releases/2/VERSION", "modified")
    } else {
      try store.remove("releases/2/VERSION")
    }
    try store.expectFindings(["liveNotWhole"])
    let run = try store.run(["status"])
    #expect(run.status == 7)
    #expect(
      run.output.contains(
        "problem   the live release 2 may fail to restart: it was modified after it was published:"
          + " VERSION"))
    #expect(
      run.output.hasSuffix(
        " [liveNotWhole]; see every difference, then deploy its archive again: "
          + "releases --store \(store.path) verify 2\n"), "\(run)")
    #expect(try store.run(["check"]).status == 7)
    // What the finding says about the next command is true.
    try store.expectFailure(["activate", "2"], status: 3, code: "notWhole")
    let finding = try #require(try store.status().findings.first)
    #expect(finding.release == "2" && finding.command?.hasSuffix(" verify 2") == true)
    #expect(try store.follow(finding).output.contains("VERSION"))
    // Its archive, deployed again, puts the service on a whole release.
    try store.publishAndActivate(["3"])
    try store.expectFindings(["rollbackNotWhole"])
  }

  @Test func `files that the application or its hook adds are no difference`() throws {
    let store = try TestStore()
    try store.write(
      "releases.yaml", "hooks: {prepare: {run: 'mkdir .venv; echo x > .venv/pyvenv.cfg'}}\n")
    try store.publishAndActivate(["1"])
    try store.write("releases/1/__pycache__/app.cpython-311.pyc", "x")
    try store.expectFindings([])
  }

  @Test func `paths that verify ignores may differ`() throws {
    let store = try makeStore()
    try store.write("releases.yaml", "verify: {ignore: [VERSION]}\n")
    try store.write("releases/2/VERSION", "modified")
    try store.expectFindings([])
  }

  @Test func `an adopted release may differ`() throws {
    let store = try TestStore(initialized: false)
    try store.write("releases/1762147685/app", "x")
    try store.makeLink("current", to: "releases/1762147685")
    try store.expectSuccess(["init"])
    try store.write("releases/1762147685/app", "a hotfix")
    try store.expectFindings([])
  }
}
