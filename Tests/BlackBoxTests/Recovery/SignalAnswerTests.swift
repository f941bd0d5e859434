import Foundation
import TestSupport
import Testing

/// A person who presses Control-C sees that the command noticed it, and what it does about it.
@Suite struct SignalAnswerTests {
  /// Starts a command whose standard error goes to the file `errors`.
  private func start(_ store: TestStore, _ arguments: String) throws -> BackgroundProgram {
    let command = "exec '\(Releases.binary)' --store '\(store.path)' \(arguments) 2>errors"
    return try BackgroundProgram(["sh", "-c", command], directory: store.directory)
  }

  private func errors(_ store: TestStore) -> String {
    (try? String(contentsOfFile: "\(store.directory)/errors", encoding: .utf8)) ?? ""
  }

  @Test(arguments: [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")])
  func `an upload says that it ends and that nothing was published`(
    signal: Int32, name: String
  ) throws {
    let store = try TestStore()
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "1"])))
    let upload = try start(store, "deploy -")
    try upload.write(archive.dropLast(20))
    try store.waitUntil("the upload has a stage") {
      try store.names(".releases/staging").contains { store.exists(".releases/staging/\($0)/tree") }
    }
    upload.send(signal)
    #expect(upload.waitForExit() == 128 + signal)
    #expect(errors(store) == "releases: stopped by \(name): nothing was published\n")
    #expect(try store.names("releases") == [])
  }

  @Test func `a signal during a restoration is answered and does not end it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    // Release 2 fails; the restoration of 1 waits for a file.
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'while [ $RELEASES_ID = 1 ] && ! [ -e ../../go ]; do sleep 0.05; done', timeout: 1m}}
      health: {command: '[ $RELEASES_ID = 1 ]', timeout: 2s, interval: 100ms}

      """)
    let switching = try start(store, "activate 2")
    try store.waitUntil("it restores 1") { errors(store).contains("releases: restoring 1") }
    switching.send(SIGINT)
    try store.waitUntil("it answers") {
      errors(store).contains("releases: still restoring 1: the command ends after that")
    }
    try store.write("go", "")
    #expect(switching.waitForExit() == 128 + SIGINT)
    #expect(store.current == "1")
    try store.expectConsistent()
  }
}
