import Foundation
import TestSupport
import Testing

/// What an SSH key may do beyond the names of its commands.
@Suite struct GateSessionTests {
  /// Runs a request as sshd does for a key.
  private func request(
    _ line: String, of store: TestStore, as allowed: String = "ci", _ options: [String] = [],
    input: Data? = nil
  ) throws -> Releases.Run {
    try store.run(
      ["gate", "--allow", allowed, "--name", "github"] + options, input: input,
      environment: ["SSH_ORIGINAL_COMMAND": line])
  }

  /// Starts a session that sends nothing until it is told to.
  private func session(
    of store: TestStore, _ line: String = "unpack -", _ options: [String] = [],
    name: String = "github"
  ) throws -> BackgroundProgram {
    try BackgroundProgram(
      [
        "env", "SSH_ORIGINAL_COMMAND=\(line)", Releases.binary, "--store", store.path, "gate",
        "--allow", "ci", "--name", name,
      ] + options)
  }

  @Test func `a key of ci rolls back only to a release that was live or adopted`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.publish("4")
    for name in ["4", "latest"] {
      let refused = try request("rollback --to \(name) --json", of: store)
      #expect(refused.status == 3 && refused.output.contains("notAllowed"), "\(refused)")
      #expect(refused.errors.contains("roll back only to a release"))
    }
    try store.expectSuccess(["mark", "1", "bad", "--reason", "x"])
    #expect(try request("rollback --to 1", of: store).status == 3)
    #expect(try request("rollback --to 1 --force", of: store).errors.contains("--force"))
    for line in ["deploy - --no-rollback", "rollback --no-rollback", "rollback -f"] {
      #expect(try request(line, of: store).status == 3)
      #expect(try request(line, of: store, as: "rollback,deploy").status == 3)
    }
    #expect(store.current == "3")
    #expect(try request("rollback --to 2", of: store).status == 0)
    #expect(store.current == "2")
    #expect(try request("rollback --to 4", of: store, as: "operator").status == 0)
    #expect(store.current == "4")
    #expect(try request("activate 1 --force", of: store, as: "activate").status == 0)
    try store.expectConsistent()
  }

  @Test func `a key has a limited number of sessions`() throws {
    let store = try TestStore()
    let limit = ["--max-sessions", "2"]
    let running = try [
      session(of: store, "unpack -", limit), session(of: store, "unpack -", limit),
    ]
    try store.waitUntil("both sessions run") { try store.names(".releases/staging").count == 2 }
    let refused = try request("status", of: store, limit)
    #expect(refused.status == 5, "\(refused)")
    #expect(
      refused.errors.contains("the key github already has 2 sessions, its maximum"),
      "\(refused.errors)")
    for line in ["diagnose", "check", "logs", "list"] {
      #expect(try request(line, of: store, as: "operator", limit).status == 5, "\(line)")
    }
    let other = try session(of: store, "unpack -", limit, name: "gitlab")
    try store.waitUntil("another key is not affected") {
      try store.names(".releases/staging").count == 3
    }
    other.send(SIGKILL)
    running[0].send(SIGKILL)
    running[0].end()
    #expect(try request("status", of: store, limit).status != 5, "the kernel has ended its lock")
    try store.expectSuccess(["list"])
  }

  @Test(
    .enabled(if: LoopDisk.isPossible, LoopDisk.comment),
    arguments: ["unpack: {max-stall: 2s}", "unpack: {max-idle: 2s}"])
  func `the disk that a stalled upload holds is free again`(configuration: String) throws {
    let disk = try LoopDisk(.ext4)
    let store = disk.store
    try store.write("releases.yaml", configuration + "\n")
    let archive = try store.archive(["VERSION": "1"])
    let data = try Data(
      contentsOf: URL(fileURLWithPath: store.incompressible(kib: 100 << 10)))
    let free = try disk.used()
    let stalled = try session(of: store)
    try stalled.write(data.dropLast(100_000))
    try store.waitUntil("the upload holds space") { try disk.used() > free + (90 << 20) }
    #expect(stalled.waitForExit() == 6)
    #expect(try store.names(".releases/staging") == [])
    #expect(try disk.used() < free + (10 << 20))
    try store.expectSuccess(["deploy", archive])
  }

  @Test func `an upload that takes too long ends`() throws {
    let store = try TestStore()
    // The sender is a program of its own, since it loses its reader.
    let script = """
      import sys, time
      for piece in range(100):
        sys.stdout.buffer.write(open(sys.argv[1], "rb").read()[piece * 1000:][:1000])
        sys.stdout.flush()
        time.sleep(0.1)
      """
    let run = try Program.run([
      "bash", "-c",
      """
      python3 -c "$0" "$1" 2>/dev/null | SSH_ORIGINAL_COMMAND='unpack -' "$2" --store "$3" \
        gate --allow ci --max-upload 1s; exit "${PIPESTATUS[1]}"
      """, script, try store.incompressible(kib: 1000), Releases.binary, store.path,
    ])
    #expect(run.status == 6)
    #expect(run.errors.contains("did not arrive within 1 s"), "\(run.errors)")
    #expect(try store.names(".releases/staging") == [])
  }

  @Test func `an archive from a pipe without a writer is rejected after max-stall`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {max-stall: 1s}\n")
    let pipe = "\(store.directory)/pipe"
    try Program.expect(["mkfifo", pipe])
    let refused = try store.expectFailure(["deploy", pipe], status: 6, code: "archiveTruncated")
    #expect(refused.errors.contains("nothing arrived for 1 s"), "\(refused.errors)")
    #expect(refused.errors.contains("unpack.max-stall"), "\(refused.errors)")
    let archive = try store.archive(["VERSION": "1"])
    let line = "\(Releases.binary) --store \(store.path) deploy <(sleep 0.6; cat \(archive))"
    let run = try Program.run(["bash", "-c", line])
    #expect(run.status == 0, "\(run.errors)")
  }
}
