import Foundation
import TestSupport
import Testing

/// Follows every hint that a test sees: each kind of hint once in each kind of situation, right after
/// the run that printed it.
///
/// The command runs as it was printed, by the same user and on the same paths, but in namespaces of
/// its own, in which a copy of the test's directory lies over the directory. The store of the test
/// stays as it is, and no process of the test can be reached.
enum HintFollowing {
  private static let seen = Seen()
  private static let tools = Result { try HintTools() }

  /// Follows the hints of a run that were not followed before.
  ///
  /// - Parameters:
  ///   - run: the run that has ended.
  ///   - arguments: the arguments of `releases`.
  ///   - input: the bytes on standard input.
  ///   - environment: the environment of the run.
  ///   - launcher: what the run was started with. A user is kept; a fault is over.
  static func follow(
    _ run: ProgramRun, _ arguments: [String], input: Data? = nil, environment: [String: String],
    launcher: [String]
  ) {
    guard User.isRoot, let store = storePath(arguments, environment) else { return }
    // The client of the gate can't name the store.
    let environment =
      arguments.contains("gate")
      ? environment.merging(["RELEASES_STORE": store]) { $1 } : environment
    for hint in SeenHint.all(in: run) {
      let isNamed = HintRules.namesStore(hint) || environment["RELEASES_STORE"] != nil
      if !isNamed {
        // A hook's run of this program names the store by its environment, which is not known here.
        let isOfHook = hint.situation.hasSuffix("is being prepared")
        if !isOfHook { Issue.record("the store is not named: \(hint), of \(arguments)") }
        continue
      }
      guard let refusal = HintRules.fault(of: hint) else {
        guard HintRules.runs(hint, in: HintRun.testDirectory(store)), seen.add(hint.kind) else {
          continue
        }
        do {
          let run = try HintRun(
            hint, store: store, input: input, environment: environment, launcher: launcher,
            tools: try tools.get())
          // A directory that is too large to be copied is left to another test.
          if !run.expectHelp() { seen.remove(hint.kind) }
        } catch {
          Issue.record("\(hint): \(error)")
        }
        continue
      }
      Issue.record("\(refusal): \(hint), of \(arguments)")
    }
  }

  /// Returns the path of the store if it lies in a directory of the tests.
  private static func storePath(_ arguments: [String], _ environment: [String: String]) -> String? {
    let option = arguments.firstIndex { ["--store", "-s"].contains($0) }.map { $0 + 1 }
    let named = option.flatMap { $0 < arguments.count ? arguments[$0] : nil }
    let path = named ?? environment["RELEASES_STORE"] ?? ""
    let temporary = FileManager.default.temporaryDirectory.path + "/releases-test-"
    return path.hasPrefix(temporary) ? path : nil
  }

  private final class Seen: @unchecked Sendable {
    private let lock = NSLock()
    private var kinds: Set<String> = []

    func add(_ kind: String) -> Bool { lock.withLock { kinds.insert(kind).inserted } }
    func remove(_ kind: String) { lock.withLock { _ = kinds.remove(kind) } }
  }
}

/// Stand-ins for the programs that need a terminal, a booted host or a password.
struct HintTools {
  let directory: String
  private let temporary: TemporaryDirectory

  init() throws {
    temporary = try TemporaryDirectory()
    directory = temporary.path
    try Program.write("exec \"$@\"", to: "\(directory)/sudo")
    try Program.write("exec cat -- \"$@\"", to: "\(directory)/less")
    let manual = Repository.root.appending(path: "man").path
    try Program.write(
      "for last; do :; done; ls '\(manual)'/\"${last%.[0-9]}\".[0-9]", to: "\(directory)/man")
  }
}

/// The command of one hint, run on a copy.
struct HintRun {
  private let hint: SeenHint
  private let command: String
  private let run: ProgramRun

  /// The status of ``script`` for a directory that is too large to be copied.
  private static let tooLarge: Int32 = 77

  /// Puts the copy over the directory and runs the command there. The findings of the store follow on
  /// standard output after a line of its own.
  private static let script = """
    [ "$(find "$1" 2>/dev/null | head -n 3001 | wc -l)" -le 3000 ] || exit 77
    [ "$(du -sxk "$1" 2>/dev/null | cut -f 1)" -le 50000 ] || exit 77
    cp -a "$1" "$2" || exit 77
    [ -e "$2/archive-of-hint.tar.gz" ] || tar -czf "$2/archive-of-hint.tar.gz" -C "$3" less
    chmod 644 "$2/archive-of-hint.tar.gz"
    mount --bind "$2" "$1"
    cd "$1"
    shift 3
    exec "$@"
    """

  init(
    _ hint: SeenHint, store: String, input: Data?, environment: [String: String],
    launcher: [String], tools: HintTools
  ) throws {
    self.hint = hint
    let binaries = (Releases.binary as NSString).deletingLastPathComponent
    let parent = (store as NSString).deletingLastPathComponent
    let root = Self.testDirectory(store)
    let path = "\(tools.directory):\(binaries):\(parent):/usr/sbin:/usr/bin:/sbin:/bin"
    command = HintRules.completed(hint.command ?? "", archive: "\(root)/archive-of-hint.tar.gz")
    let user = command.hasPrefix("sudo ") ? [] : Self.user(of: launcher)
    let copy = try TemporaryDirectory()
    let check =
      hint.finding == nil
      ? ""
      : " || exit $?; echo; releases --store '\(store.replacing("'", with: #"'\''"#))' status --json || :"
    run = try Program.run(
      [
        "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
        "sh", "-euc", Self.script, "sh", root, "\(copy.path)/d", tools.directory,
      ] + user + [
        "timeout", "-k", "1", command.contains("--watch") ? "1" : "20", "sh", "-ec",
        command + check,
      ],
      input: input ?? Data(),
      environment: ["LANG": "C.UTF-8", "USER": "tester"].merging(environment) { $1 }
        .merging(["PATH": path, "EDITOR": "touch"]) { $1 })
  }

  /// Whether `status` still has the finding.
  private var findsItStill: Bool {
    let document = run.output.split(separator: "\n").last.map(String.init) ?? ""
    return SeenHint.documentFindings(document).contains {
      $0["message"] as? String == hint.finding && $0["command"] as? String == hint.command
    }
  }

  /// The directory of the test that the store belongs to.
  static func testDirectory(_ store: String) -> String {
    let temporary = FileManager.default.temporaryDirectory.path
    let name = store.dropFirst(temporary.count + 1).prefix { $0 != "/" }
    return "\(temporary)/\(name)"
  }

  /// The part of a launcher that changes the user.
  private static func user(of launcher: [String]) -> [String] {
    guard let start = launcher.lastIndex(of: "setpriv") else { return [] }
    return Array(launcher[start...])
  }

  /// Expects that the command did what the hint says.
  ///
  /// - Returns: false if it was not run, since the directory is too large.
  func expectHelp() -> Bool {
    if run.status == Self.tooLarge { return false }
    let allowed = HintRules.allowedStatuses(of: hint)
    if !allowed.contains(run.status) {
      Issue.record("status \(run.status) of \(command)\n\(run.errors)\n\(hint)")
    } else if run.status == 0, hint.finding != nil, !HintRules.looks(hint),
      !HintRules.isCondition(hint), findsItStill
    {
      Issue.record("it is still found after \(command)\n\(hint)")
    }
    return true
  }
}
