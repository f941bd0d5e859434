import Foundation
import TestSupport
import Testing

/// The sandboxed process that reads an archive: what it may do, and what follows when it ends.
@Suite struct UnpackWorkerTests {
  @Test func `the worker has every sandbox layer and no other open file`() throws {
    let store = try TestStore()
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "1"])))
    let upload = try store.start(["unpack", "-", "--id", "1"])
    try upload.write(archive.prefix(20))
    let worker = try UnpackWorker(of: upload, in: store)
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
    #expect(upload.waitForExit() == 0)
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
    try store.expectConsistent()
  }

  @Test(arguments: [SIGKILL, SIGSEGV, SIGTERM])
  func `a worker that is ended by a signal is reported as a failure`(signal: Int32) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let upload = try store.start(["--json", "unpack", "-", "--id", "2"])
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "2"])))
    try upload.write(archive.prefix(20))
    try UnpackWorker(of: upload, in: store).send(signal)
    #expect(upload.waitForExit() == 1)
    #expect(try store.names("releases") == ["1"])
    try store.expectConsistent()
  }

  @Test func `a worker that makes no progress is ended`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {max-idle: 1s}\n")
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "1"])))
    let upload = try store.start(["unpack", "-", "--id", "1"])
    try upload.write(archive.prefix(20))
    try UnpackWorker(of: upload, in: store).send(SIGSTOP)
    // Without the rest of the archive the parent would wait for the archive and not for the worker.
    try upload.write(archive.dropFirst(20))
    upload.end()
    #expect(upload.waitForExit() == 1)
    #expect(try store.names("releases") == [])
    try store.expectConsistent()
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
    #expect(upload.waitForExit() == 0)
  }

  /// Makes each call of Landlock fail, so that the worker enters namespaces.
  private static let withoutLandlock = [
    "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=landlock_create_ruleset",
    "-e", "inject=landlock_create_ruleset:error=ENOSYS",
  ]

  /// A sparse file of a terabyte takes no disk space but much time to hash.
  @Test(arguments: [[], withoutLandlock])
  func `the worker's processor time is limited`(launcher: [String]) throws {
    let store = try TestStore()
    try store.write(
      "releases.yaml",
      "unpack: {max-processor-time: 1s, max-bytes: 2TiB, max-ratio: 1000000000}\n")
    try Program.expect(["truncate", "-s", "1T", "\(store.directory)/hole"])
    let archive = "\(store.directory)/hole.tar"
    try Program.expect(["tar", "-C", store.directory, "--sparse", "-cf", archive, "hole"])
    let run = try store.run(["--json", "unpack", archive], launcher: launcher)
    #expect(run.status == 6, "\(run.errors)")
    #expect(run.errors.contains("tooMuchProcessorTime"))
    #expect(run.errors.contains("max-processor-time"), "\(run.errors)")
    try store.expectConsistent()
  }

  @Test func `without Landlock the stage is the root directory of the worker`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    let run = try store.run(["unpack", archive, "--json"], launcher: Self.withoutLandlock)
    #expect(run.status == 0 && !run.errors.contains("warning"), "\(run.errors)")
    let layers = try #require(run.json["containment"] as? [String])
    #expect(layers.contains("private-root") && !layers.contains("landlock"), "\(layers)")
  }

  @Test func `a required sandbox refuses archives on a host that lacks a layer`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    var launcher = Self.withoutLandlock
    launcher[6] = "trace=landlock_create_ruleset,unshare,chroot"
    launcher += ["-e", "inject=unshare:error=EPERM", "-e", "inject=chroot:error=EPERM"]
    let warned = try store.run(["unpack", archive, "--json"], launcher: launcher)
    #expect(warned.status == 0)
    #expect(warned.errors.contains("archives are unpacked without landlock"), "\(warned.errors)")
    try store.write("releases.yaml", "unpack: {sandbox: required}\n")
    let refused = try store.run(["unpack", archive, "--json"], launcher: launcher)
    #expect(refused.status == 3 && refused.errors.contains("lacks landlock"), "\(refused.errors)")
    #expect(try store.names("releases").count == 1)
    try store.expectSuccess(["unpack", archive])
  }

  /// The two writer threads each keep directories open.
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
    try store.expectSuccess(["unpack", "\(store.directory)/many.tar", "--id", "1"])
    try store.expectSuccess(["verify", "1", "--strict"])
  }

  /// The parent process has a umask that removes all permissions.
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
    let layers = try store.expectSuccess(["unpack", archive, "--json"]).json["containment"]
    let names = try #require(layers as? [String])
    #expect(names.contains("seccomp") && names.contains("no-new-privileges"))
    try store.expectSuccess(["activate", "latest"])
    let check = try store.expectSuccess(["check"])
    for name in names { #expect(check.output.contains(name)) }
  }
}
