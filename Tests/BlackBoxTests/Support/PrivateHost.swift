import Foundation
import TestSupport
import Testing

/// This host with some files replaced for one run. The mounts are in a namespace of that run and
/// end with its process.
struct PrivateHost {
  static var isPossible: Bool { User.isRoot }
  static let comment: Comment = "only root can have mounts of its own"

  private let directory: String
  private var script = "set -e"
  private var options = ["--mount"]

  init(_ store: TestStore) { directory = store.directory }

  /// Appends lines to files such as `/etc/passwd`.
  mutating func append(_ lines: String..., to file: String) throws {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let copy = "\(directory)/host-\(UUID().uuidString)"
    let changed = text + lines.map { $0 + "\n" }.joined()
    try Data(changed.utf8).write(to: URL(fileURLWithPath: copy))
    try Program.expect(["chmod", "644", copy])
    run("mount --bind \(copy) \(file)")
  }

  /// Replaces a program of the host.
  mutating func replace(program: String, by script: String) throws {
    let copy = "\(directory)/host-\(UUID().uuidString)"
    try Program.write(script, to: copy)
    run("mount --bind \(copy) \(program)")
  }

  /// Runs a line of shell before the command.
  mutating func run(_ line: String) { script += "\n\(line)" }

  /// Gives the run a process namespace in which users see only their own processes.
  mutating func hideProcesses() {
    options += ["--pid", "--fork"]
    run("mount -t proc -o hidepid=2 proc /proc")
  }

  /// Makes the launcher for a command.
  ///
  /// - Parameter user: the user to run it as, without supplementary groups; nil for root.
  /// - Returns: the program and the arguments before the command.
  func launcher(as user: Int? = nil) -> [String] {
    let become =
      user.map { ["setpriv", "--reuid", "\($0)", "--regid", "\($0)", "--clear-groups", "--"] } ?? []
    // The shell stays the first process, since exec would let the user see that process.
    return ["unshare"] + options + ["sh", "-c", script + "\n\"$@\" && exit 0; exit $?", "sh"]
      + become
  }
}

extension TestStore {
  /// Makes another user the owner of the store and adds a copy of the binary that they can run.
  func changeOwner(to user: Int) throws {
    try Program.expect(["chown", "-R", "\(user):\(user)", path])
    try Program.expect(["install", "-m", "755", Releases.binary, "\(directory)/releases"])
  }

  /// Runs the copy of the binary that other users can run.
  func runCopy(
    _ arguments: [String], launcher: [String], environment: [String: String] = [:]
  ) throws -> Releases.Run {
    let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"].merging(environment) { $1 }
    let run = try Program.run(
      launcher + ["\(directory)/releases", "--store", path] + arguments, environment: environment)
    HintFollowing.follow(
      run, ["--store", path] + arguments, environment: environment, launcher: launcher)
    return run
  }
}
