import Foundation
import TestSupport
import Testing

/// A store in which one file was replaced by something hostile.
struct HostileStore {
  /// The files and directories that commands read, relative to the store.
  static let places: [String] = [
    ".releases/lock", ".releases/history.jsonl", ".releases/history-00000000000000000002.jsonl",
    ".releases/history.json", ".releases/confirmation.json", ".releases/abort.json",
    ".releases/freeze.json", ".releases/catalog/2.json", ".releases/catalog/3.json",
    ".releases/catalog/x9.json", ".releases/manifests/2.mtree", ".releases/manifests/3.mtree",
    ".releases/attempts/r3.json", ".releases/attempts/.r9.json.0123abcd",
    ".releases/sessions/x.0", ".releases/staging/x",
    ".releases/staging/01234567-0123-0123-0123-0123456789ab-0123abcd/manifest.mtree",
    ".releases/trash/2.0000abcd", ".releases/logs/3-prepare.log", ".releases/logs/3-activate.log",
    ".releases/.history.jsonl.0123abcd", ".releases/catalog/.2.json.0123abcd",
    "releases.yaml", "releases.yml", "current", "previous", "signers", "revoked",
    "shared/config", "shared/config/a.yaml", "releases/7", "releases/3", "releases/2",
    "releases/2/VERSION", "releases/3/VERSION", ".releases", ".releases/catalog",
    ".releases/manifests", ".releases/logs", ".releases/staging", ".releases/trash",
    ".releases/attempts", ".releases/sessions", "releases",
  ]

  /// One run of each command. ARCHIVE stands for an archive.
  static let commands: [[String]] = [
    ["list", "--describe"], ["show", "2"], ["status"], ["history"], ["logs", "3"],
    ["verify", "--all"], ["check"], ["metrics"], ["report", "--html", "-"],
    ["diagnose", "--timeout", "2s"], ["deploy", "ARCHIVE", "--request", "r3"],
    ["deploy", "ARCHIVE", "--id", "5", "--request", "r5"], ["unpack", "ARCHIVE", "--id", "5"],
    ["prepare", "4"], ["activate", "2"], ["activate", "4"], ["rollback"], ["restart"], ["abort"],
    ["wait", "r3", "--timeout", "1s"], ["pin", "2", "--reason", "x"], ["unpin", "1"],
    ["mark", "2", "bad", "--reason", "x"], ["freeze", "--reason", "x"], ["thaw"], ["init"],
    ["prune", "--keep", "1", "--keep-within", "0d"], ["remove", "1"], ["recover"],
    ["recover", "--boot"], ["gate", "--allow", "operator", "--name", "x"], ["completion", "bash"],
    ["help"], ["version"], ["generate", "man"],
  ]

  /// A store whose releases 1 to 3 were live and 4 is ready, and an archive beside it.
  static let template = Result { try makeTemplate() }

  private static func makeTemplate() throws -> TestStore {
    let store = try TestStore(initialized: false)
    try FileManager.default.createDirectory(
      atPath: store.path, withIntermediateDirectories: false)
    if User.isRoot { try store.give("", to: ForeignUser.owner) }
    try store.expectSuccess(["init"])
    try store.write(
      "releases.yaml",
      """
      hooks: {prepare: {run: 'echo p'}, activate: {run: 'echo a'}}
      health: {command: 'true'}
      shared: {files: [config/a.yaml]}
      trust: {allowed-signers: signers, revoked-keys: revoked}

      """)
    try store.write("shared/config/a.yaml", "x: 1\n")
    try store.write("revoked", "")
    try Program.shell(
      """
      cd '\(store.directory)'; ssh-keygen -q -t ed25519 -N '' -f key
      echo "release $(cat key.pub)" > store/signers
      """)
    if User.isRoot { try store.give("", to: ForeignUser.owner) }
    for id in ["1", "2", "3"] {
      try store.expectSuccess([
        "deploy", try store.archive(["VERSION": id]), "--id", id, "--ref", "v\(id)",
        "--request", "r\(id)",
      ])
    }
    try store.expectSuccess(["pin", "1", "--reason", "x"])
    try store.expectSuccess(["unpack", try store.archive(["VERSION": "4"]), "--id", "4"])
    _ = try store.archive(["VERSION": "5"], named: "next")
    return store
  }

  let store: TestStore
  private let archive: String

  init(_ template: TestStore) throws {
    store = try template.copy()
    archive = "\(template.directory)/next.tar.gz"
  }

  /// A run of a command with its time in seconds and its memory in KiB.
  struct Measured {
    let run: ProgramRun
    let arguments: [String]
    let seconds: Double
    let memory: Double
  }

  /// The time after which a command is killed, in seconds.
  static let timeLimit = 15.0

  /// Runs a command, which is killed after the time limit.
  func run(_ command: [String]) throws -> Measured {
    let printsJSON = !["gate", "completion", "help", "generate", "report"].contains(command[0])
    let arguments =
      ["--store", store.path] + (printsJSON ? ["--json"] : [])
      + command.map { $0 == "ARCHIVE" ? archive : $0 }
    let measures = "\(store.directory)/measures"
    let run = try Program.run(
      [
        "timeout", "-s", "KILL", "\(Self.timeLimit)", "time", "-q", "-f", "%e %M", "-o", measures,
        Releases.binary,
      ]
        + arguments,
      environment: [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester",
        "SSH_ORIGINAL_COMMAND": "list",
      ])
    let numbers = ((try? String(contentsOfFile: measures, encoding: .utf8)) ?? "")
      .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    return Measured(
      run: run, arguments: arguments, seconds: numbers.first ?? Self.timeLimit,
      memory: numbers.last ?? 0)
  }

  /// The kind, mode, size and beginning of each file, except those in which each attempt is recorded.
  func state() throws -> [String: String] {
    var state: [String: String] = [:]
    try add(to: &state, directory: store.path, prefix: "")
    return state
  }

  private func add(to state: inout [String: String], directory: String, prefix: String) throws {
    // A directory that this user can't read has no content for it.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
      let path = "\(directory)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      let kind = status.st_mode & S_IFMT
      var text = "\(String(status.st_mode, radix: 8)) \(status.st_uid)"
      if kind == S_IFREG {
        text += " \(status.st_size)"
        if status.st_size <= 1 << 16 {
          text += " \(FileManager.default.contents(atPath: path)?.hashValue ?? 0)"
        }
      } else if kind == S_IFLNK {
        text += (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
      }
      let relative = prefix + name
      let isRecord = [".releases/attempts", ".releases/sessions", ".releases/logs"].contains {
        relative.hasPrefix($0)
      }
      if !isRecord { state[relative] = text }
      if kind == S_IFDIR { try add(to: &state, directory: path, prefix: "\(relative)/") }
    }
  }
}
