import Foundation
import Testing

/// The process that meets the archive: what it may do, and what its end means.
@Suite struct WorkerTests {
  @Test func `the worker has every sandbox layer and no other open file`() throws {
    let store = try TestStore()
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "1"])))
    let upload = try store.start(["unpack", "-", "--id", "1"])
    try upload.write(archive.prefix(20))
    let worker = try Worker(of: upload, in: store)
    #expect(try worker.status("NoNewPrivs") == "1")
    #expect(try worker.status("Seccomp") == "2")
    for set in ["CapEff", "CapPrm"] { #expect(try worker.status(set) == "0000000000000000") }
    #expect(try worker.limit("Max core file size") == "0")
    #expect(try worker.limit("Max cpu time") == "600")
    let open = try worker.openFiles()
    #expect(!open.isEmpty)
    for file in open {
      let isOurs = file.hasPrefix("pipe:") || file.contains("/.releases/staging/")
      #expect(isOurs, "\(file)")
    }
    try upload.write(archive.dropFirst(20))
    upload.end()
    #expect(upload.status() == 0)
    #expect(try store.names("releases") == ["1"])
  }

  @Test(arguments: [
    ("landlock_create_ruleset", "ENOMEM"), ("landlock_create_ruleset", "EMFILE"),
    ("landlock_restrict_self", "E2BIG"), ("seccomp", "ENOMEM"), ("seccomp", "EAGAIN"),
  ])
  func `unpack fails when a sandbox layer cannot be set up`(
    call: String, error: String
  ) throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    let launcher = [
      "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)",
      "-e", "inject=\(call):error=\(error)",
    ]
    let run = try store.run(["unpack", archive], launcher: launcher)
    #expect(run.status != 0 && run.errors.contains(call), "\(run.errors)")
    #expect(try store.names("releases") == [])
    try store.expectSettled()
  }

  @Test(arguments: [SIGKILL, SIGSEGV, SIGTERM])
  func `a worker ended by a signal is an ordinary failure`(signal: Int32) throws {
    let store = try TestStore()
    try store.activate(["1"])
    let upload = try store.start(["--json", "unpack", "-", "--id", "2"])
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "2"])))
    try upload.write(archive.prefix(20))
    try Worker(of: upload, in: store).send(signal)
    #expect(upload.status() == 1)
    #expect(try store.names("releases") == ["1"])
    try store.expectSettled()
  }

  @Test func `a worker that stands still is ended`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {max-idle: 1s}\n")
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "1"])))
    let upload = try store.start(["unpack", "-", "--id", "1"])
    try upload.write(archive.prefix(20))
    try Worker(of: upload, in: store).send(SIGSTOP)
    // Else it is the archive that everybody waits for.
    try upload.write(archive.dropFirst(20))
    upload.end()
    #expect(upload.status() == 1)
    #expect(try store.names("releases") == [])
    try store.expectSettled()
  }

  @Test func `a slow sender does not count as a stopped worker`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {max-idle: 1s}\n")
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "1"])))
    let upload = try store.start(["unpack", "-", "--id", "1"])
    try upload.write(archive.prefix(20))
    usleep(1_500_000)
    try upload.write(archive.dropFirst(20))
    upload.end()
    #expect(upload.status() == 0)
  }

  /// A terabyte of holes costs no disk, only the time to hash it.
  @Test func `the worker's processor time is limited`() throws {
    let store = try TestStore()
    try store.write(
      "releases.yaml",
      "unpack: {max-processor-time: 1s, max-bytes: 2TiB, max-ratio: 1000000000}\n")
    try Program.expect(["truncate", "-s", "1T", "\(store.directory)/hole"])
    let archive = "\(store.directory)/hole.tar"
    try Program.expect(["tar", "-C", store.directory, "--sparse", "-cf", archive, "hole"])
    let run = try store.expectFailure(["unpack", archive], status: 6, code: "archiveRejected")
    #expect(run.errors.contains("tooMuchProcessorTime"))
    #expect(run.errors.contains("max-processor-time"), "\(run.errors)")
    try store.expectSettled()
  }

  /// Two writers, each with directories it keeps open.
  @Test func `an archive with many directories stays within the descriptor limit`() throws {
    let store = try TestStore()
    let make = """
      cd "$1"; mkdir many; cd many
      for i in $(seq 400); do mkdir d$i; for j in $(seq 12); do echo $j > d$i/$j; done; done
      for j in 1 2; do for i in $(seq 400); do echo d$i/$j; done; done > ../list
      for i in $(seq 400); do for j in $(seq 3 12); do echo d$i/$j; done; done >> ../list
      tar -T ../list -cf ../many.tar
      """
    try Program.expect(["sh", "-euc", make, "sh", store.directory])
    try store.expectDone(["unpack", "\(store.directory)/many.tar", "--id", "1"])
    try store.expectDone(["verify", "1", "--strict"])
  }

  /// The process that starts it has one that takes everything away.
  @Test func `file modes do not depend on the umask`() throws {
    let store = try TestStore()
    let make = "cd \"$1\"; echo 1 > f; echo 2 > x; chmod 0444 f; chmod 0755 x; tar -cf m.tar f x"
    try Program.expect(["sh", "-euc", make, "sh", store.directory])
    let unpack = "umask 0777; exec \"$@\""
    try Program.expect(
      [
        "sh", "-euc", unpack, "sh", Releases.binary, "--store", store.path, "unpack",
        "\(store.directory)/m.tar", "--id", "1",
      ])
    for (name, mode) in [("f", 0o444), ("x", 0o755)] {
      let facts = try FileManager.default.attributesOfItem(
        atPath: "\(store.path)/releases/1/\(name)")
      #expect(facts[.posixPermissions] as? Int == mode)
    }
  }

  @Test func `unpack and check report the sandbox layers`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    let layers = try store.expectDone(["unpack", archive, "--json"]).json["containment"]
    let names = try #require(layers as? [String])
    #expect(names.contains("seccomp") && names.contains("no-new-privileges"))
    let check = try store.expectDone(["check"])
    for name in names { #expect(check.output.contains(name)) }
  }
}

/// The child of a running command, seen through /proc.
private struct Worker {
  let pid: String

  /// Waits until it has gone behind its walls.
  init(of command: Companion, in store: TestStore) throws {
    let children = "/proc/\(command.pid)/task/\(command.pid)/children"
    var found = ""
    try store.waitUntil("there is a worker") {
      let text = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
      found = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard !found.isEmpty else { return false }
      let status = try? String(contentsOfFile: "/proc/\(found)/status", encoding: .utf8)
      return status?.contains("Seccomp:\t2") == true
    }
    pid = found
  }

  func send(_ signal: Int32) { kill(Int32(pid) ?? 0, signal) }

  func status(_ key: String) throws -> String {
    let line = try lines("status").first { $0.hasPrefix(key + ":") }
    return try #require(line).dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces)
  }

  /// The soft one.
  func limit(_ name: String) throws -> String {
    let line = try lines("limits").first { $0.hasPrefix(name) }
    return try #require(line).dropFirst(name.count).split(separator: " ").first.map(String.init)
      ?? ""
  }

  func openFiles() throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
    return names.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")
    }
  }

  private func lines(_ file: String) throws -> [Substring] {
    try String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8).split(separator: "\n")
  }
}
