import Foundation
import TestSupport
import Testing

/// The program that verifies a signature: what it receives, and that no failure of it publishes
/// a release.
@Suite struct SignatureVerifierTests {
  /// A large signed archive that arrives through a pipe and whose verifier runs.
  private struct Upload {
    let store: TestStore
    /// The process ID of the verifier.
    let pid: Int32
    let unpacking: BackgroundProgram
    private let sender: BackgroundProgram

    /// - Parameter configuration: further sections of the configuration.
    /// - Throws: an expectation that failed, or an error of ``Program``.
    init(_ configuration: String = "") throws {
      let (store, keys) = try SigningKeys.store()
      self.store = store
      let settings = try store.read("releases.yaml") + configuration
      try store.write("releases.yaml", settings)
      // The identity is unique, so that the verifier can be found among all processes.
      let identity = UUID().uuidString
      try keys.allow("\(identity) \(try keys.make("alice"))")
      let archive = try keys.bigArchive()
      let signature = try keys.sign(archive, with: "alice")
      try Program.expect(["mkfifo", keys.path("fifo")])
      sender = try BackgroundProgram(
        [
          "sh", "-c",
          """
          exec > fifo; head -c 100000 "$0"
          while [ ! -e go ]; do sleep 0.01; done; tail -c +100001 "$0"
          """, archive,
        ], directory: store.directory)
      unpacking = try store.start(
        ["unpack", keys.path("fifo"), "--signature", signature, "--id", "1"])
      var pid: Int32?
      try store.waitUntil("the archive is being verified") {
        let found = try Program.run(["pgrep", "-f", "^ssh-keygen .*-Y verify .*\(identity)"])
        pid = found.lines.first.flatMap { Int32($0) }
        return pid != nil
      }
      self.pid = try #require(pid)
    }

    /// Sends the rest of the archive and waits until unpack ends.
    func finish() throws -> Int32 {
      try Data().write(to: URL(fileURLWithPath: "\(store.directory)/go"))
      return unpacking.end()
    }

    var isVerifierGone: Bool { kill(pid, 0) == -1 && errno == ESRCH }
  }

  @Test func `the verifier gets only its files and two variables`() throws {
    let upload = try Upload()
    let environment = try String(contentsOfFile: "/proc/\(upload.pid)/environ", encoding: .utf8)
    let names = environment.split(separator: "\0").compactMap { $0.split(separator: "=").first }
    #expect(Set(names) == ["LC_ALL", "PATH"])
    // While it starts, it reads its own files.
    try upload.store.waitUntil("it has only its files open") {
      let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(upload.pid)/fd")
      return Set(numbers).isSubset(of: ["0", "1", "2", "3", "4"])
    }
    #expect(try upload.finish() == 0)
    #expect(upload.isVerifierGone)
    #expect(try upload.store.names("releases") == ["1"])
    try upload.store.expectConsistent()
  }

  @Test(arguments: [SIGKILL, SIGTERM])
  func `an archive whose verifier is killed is not published`(signal: Int32) throws {
    let upload = try Upload()
    kill(upload.pid, signal)
    #expect(try upload.finish() == 1)
    #expect(try upload.store.names("releases") == [])
    try upload.store.expectConsistent()
  }

  @Test func `unpack ends a verifier that hangs`() throws {
    let begun = ContinuousClock.now
    defer { #expect(ContinuousClock.now - begun < .seconds(60)) }
    let upload = try Upload("unpack: {max-idle: 1s}\n")
    kill(upload.pid, SIGSTOP)
    #expect(try upload.finish() == 1)
    #expect(upload.isVerifierGone)
    #expect(try upload.store.names("releases") == [])
    try upload.store.expectConsistent()
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `an interrupted unpack ends its verifier`(signal: Int32) throws {
    let upload = try Upload()
    upload.unpacking.send(signal)
    #expect(upload.unpacking.end() == 128 + signal)
    #expect(upload.isVerifierGone)
    #expect(try upload.store.names(".releases/staging") == [])
    #expect(try upload.store.names("releases") == [])
  }

  @Test func `the verifier ends when unpack is killed`() throws {
    let upload = try Upload()
    upload.unpacking.send(SIGKILL)
    _ = upload.unpacking.end()
    try upload.store.waitUntil("the verifier has ended") { upload.isVerifierGone }
    try upload.store.expectSuccess(["recover"])
    #expect(try upload.store.names("releases") == [])
    try upload.store.expectConsistent()
  }
}
