import Foundation
import TestSupport

/// What is expected of hints. Each exception has its reason.
enum HintRules {
  /// The programs with which the command of a hint may begin. Every one is a part of Debian.
  static let programs: Set = [
    "releases", "sudo", "cd", "mv", "cp", "mkdir", "chmod", "chown", "chattr", "rm", "ln", "touch",
    "install", "ls", "less", "cat", "man", "mount", "findmnt", "namei", "stat", "df", "grep",
    "readlink", "echo", "sed", "flock",
    "journalctl", "systemctl", "quota", "ulimit", "sha256sum", "tar", "bsdtar", "zip", "xz", "zstd",
    "gzip", "lz4", "lzip", "lzop", "dpkg-deb", "curl", "git", "kill", "iconv", "python3",
    "ssh-keygen", "apt-get", "btrfs", "systemd-tmpfiles", "loginctl",
  ]

  /// Programs that are not run, with the reason.
  private static let notRun: [(String, String)] = [
    ("kill", "ends a real process; AnsweringReleaseTests run it"),
    ("apt-get", "changes this host"),
    ("journalctl", "needs a booted host"),
    ("systemctl", "needs a booted host; the host suite runs it"),
    ("mount", "changes the mounts of this host"),
    ("systemd-tmpfiles", "changes this host"),
    ("loginctl", "needs a booted host"),
    ("echo", "writes to /etc/sudoers.d"),
    ("curl", "only the user knows the address"),
    ("git", "only the user has the repository"),
    ("python3", "downloads a package"),
    ("quota", "needs a file system with quotas"),
    ("btrfs", "needs btrfs"),
    ("ssh-keygen", "needs the key of the user; SignatureTests sign"),
    ("tar", "packs a directory that only the user has"),
    ("zip", "packs a directory that only the user has"),
  ]

  /// Words in capitals that stand for what only the user knows, with the reason.
  private static let placeholders: [(String, String)] = [
    ("ARCHIVE", "nothing was passed yet, or it came through a pipe"),
    ("DIRECTORY", "what the archive was packed from"),
    ("KEY", "the private key of the user"), ("KEY.pub", "a key to revoke"),
    ("URL", "where the archive came from"), ("DICTIONARY", "what the archive was packed with"),
    ("COMMAND", "what the option belongs to"), ("USER", "who runs the service"),
    ("REF", "what is deployed"),
    ("TARGET", "a column of findmnt"), ("ARCHIVE.sig", "the file of the user"),
  ]

  /// The beginnings of hints without a command, by what only a person can do.
  private static let withoutCommand: [(String, [String])] = [
    ("ask a person", ["run it as the owner of"]),
    (
      "send or choose something else",
      [
        "send it again; nothing was published", "send the archive and the signature again",
        "the connection was lost or the sender stopped", "deploy again",
        "deploy a new release instead", "try again; nothing was published",
        "choose another ID with --id", "commands accept this word in place of an ID",
        "a release goes live only when its instance",
        "use at most 64 letters", "use the tag, the branch or the commit",
        "use the name of a file that does not exist yet", "name a file in an existing directory",
        "check the path and its permissions", "pass the signature of the archive with --signature",
        "use tar (plain, gzip, zstd, xz, bzip2 or lz4) or zip", "use only the ID",
        "check the command that made or sent the archive", "use one of",
        "sign with", "check the file or pipe that standard output goes to",
        "create a link with an ASCII name", "run the same command again",
      ]
    ),
    (
      "change the configuration, whose values only a person knows",
      [
        "install the program, or change", "change hooks.", "change health.",
        "known keys:", "did you mean", "for example",
        "use a duration such as", "known variables:", "list each path once",
        "send it again; for a sender with longer pauses, raise unpack.max-stall",
        "use a faster connection, or raise --max-upload of the key",
        "if the archive is correct, raise unpack.", "if the link is intended, allow its target",
        "change the archive, or shared in", "move it away; without a configuration",
        "repeat the value", "put a string that", "remove this line", "use a single word as the key",
        "set allowed-signers", "set trust.allowed-signers", "add the namespace to namespaces=",
        "wait until it is valid, or check the clock",
        "write the public keys of the allowed signers",
        "replace the link with the file itself", "make the file readable for the owner",
        "on line ",
      ]
    ),
    (
      "change the host",
      [
        "pruning would free nothing; remove other files", "install the version of releases",
        "create it again; its content is not UTF-8", "name the store by an absolute path",
      ]
    ),
    ("nothing is to be done", ["the other lines are valid"]),
    (
      "send another command to the gate, which runs no shell",
      [
        "this key may run", "leave out --", "pass the content itself", "pass - to use",
        "no shell reads the command line", "use at most 40 letters",
        "wait until a session ends, or raise --max-sessions of the key in authorized_keys",
      ]
    ),
  ]

  /// Hints that a person follows under a condition, or only after another step.
  private static let conditions: [(String, String)] = [
    ("adopt them", "init says which one can't be adopted, and why"),
    ("adopt it", "init says why it can't be adopted"),
    ("convert it to a tar", "the file of the test is only the beginning of one"),
    ("see what is there", "the path may lead nowhere"),
    ("or create one", "inside another store, init names that one"),
    ("activate one", "another obstacle may follow"),
    ("see who may write there", "the directory may be missing"),
    ("correct it, then", "the configuration is still invalid"),
    ("correct the cause, then", "the service still fails"),
    ("install the Debian package", "it is still missing"),
    ("fix the cause, then", "the release is still the one that failed"),
    ("remove the cause, then", "the cause is still there"),
    ("its output is in", "the prepare hook still fails"),
    ("if the content of that directory", "it may not be"),
    ("the command says what prevents it", "it does"),
    ("see how that one ended", "wait returns the status of that deployment"),
    ("wait longer", "wait returns the status of that deployment"),
  ]

  /// Commands that only look.
  private static let looking: Set = [
    "status", "list", "show", "check", "history", "logs", "diagnose", "verify", "help",
    "ls", "less", "cat", "man", "findmnt", "namei", "stat", "df", "grep", "readlink", "bsdtar",
    "sha256sum",
  ]

  /// Returns what is wrong with a hint as it stands; nil when it can be followed.
  static func fault(of hint: SeenHint) -> String? {
    guard let command = hint.command else {
      let isKnown = withoutCommand.contains { $0.1.contains { hint.text.hasPrefix($0) } }
      return isKnown ? nil : "a hint has no command"
    }
    let name = first(of: command)
    guard programs.contains(name) else { return "hints do not use \(name)" }
    guard Program.isInstalled(name) || name == "releases" || isBuiltIn(name) || !runs(hint) else {
      return "\(name) is not installed"
    }
    let capitals = command.matches(of: #/(?:^|[ /])([A-Z][A-Z]+(?:\.[a-z.]+)?)(?= |$)/#)
    for word in capitals.map({ String($0.1) }) {
      let isKnown = placeholders.contains { $0.0 == word }
      if !isKnown { return "\(word) is a placeholder" }
    }
    return nil
  }

  private static func isBuiltIn(_ name: String) -> Bool {
    ["cd", "echo", "ulimit", "kill"].contains(name)
  }

  /// Whether a command of this program names the store, or needs none.
  static func namesStore(_ hint: SeenHint) -> Bool {
    guard let arguments = hint.ownArguments else { return true }
    return arguments.first == "help" || arguments.contains("-s")
      || hint.command?.contains("--store ") == true
  }

  /// Whether a test may run the command of a hint.
  ///
  /// - Parameters:
  ///   - hint: the hint.
  ///   - directory: the only directory in which the command may change something; nil for any.
  /// - Returns: false for a command that would change the host.
  static func runs(_ hint: SeenHint, in directory: String? = nil) -> Bool {
    guard let command = hint.command else { return false }
    if let directory, !looks(hint), changesElsewhere(command, directory) { return false }
    // The file would stay on this host.
    if command.contains(" /tmp/") { return false }
    // Instances need a booted host; the host suite runs them. What only looks needs no systemd.
    if hint.text.contains("instance"), !looks(hint) { return false }
    // The tests have no real sudo.
    if command.hasPrefix("sudo -u ") { return false }
    // It signals the process of the test; AbortTests run it.
    if hint.ownArguments?.first == "abort" { return false }
    let words = command.split(separator: " ").map(String.init)
    return !notRun.contains { name, _ in
      first(of: command) == name || name == "btrfs" && words.contains(name)
    }
  }

  private static func changesElsewhere(_ command: String, _ directory: String) -> Bool {
    command.matches(of: #/(?:^|[ '"=@])(/[^ '"]*)/#).contains {
      !($0.1 + "/").hasPrefix(directory + "/") && !$0.1.hasPrefix("/dev/null")
        && !$0.1.hasPrefix("/proc/")
    }
  }

  /// Whether the command of a hint only looks.
  static func looks(_ hint: SeenHint) -> Bool {
    guard let command = hint.command else { return false }
    return looking.contains(hint.ownArguments?.first ?? first(of: command))
      || hint.ownArguments?.contains("--dry-run") == true
  }

  /// Whether a person has to do something else before following the hint.
  static func isCondition(_ hint: SeenHint) -> Bool {
    conditions.contains { hint.text.contains($0.0) }
  }

  /// The exit statuses with which the command of a hint may end.
  static func allowedStatuses(of hint: SeenHint) -> Set<Int32> {
    if hint.command?.contains("--watch") == true { return [0, 7, 124] }
    if isCondition(hint) {
      return Set(0...255).subtracting(hint.ownArguments == nil ? [] : [2, 4])
    }
    if let verb = hint.ownArguments?.first, looks(hint) {
      // `check` ends like the command that would fail.
      if verb == "check" { return [0, 1, 3, 7, 11] }
      // Without a readable manifest, `verify` says why.
      if verb == "verify", hint.situation.contains("can't read the manifest") { return [1] }
      // A dry run ends like the command.
      return hint.ownArguments?.contains("--dry-run") == true ? [0, 3, 7] : [0, 7]
    }
    switch hint.ownArguments?.first {
    // The service may still fail.
    case "restart": return [0, 11]
    case "rollback": return [0, 10, 11]
    // The hook of a test may sleep for longer than the hint is followed.
    case "recover": return [0, 124]
    // With several obstacles, it names the next one.
    case "init": return [0, 3]
    default: break
    }
    // Processes are not copied, and neither is what they wait for.
    if hint.ownArguments?.first == "wait" { return [0, 1] }
    // Only the user has the signature, and it can't be read or does not verify here.
    if hint.command?.contains("ARCHIVE.sig") == true { return [1, 3, 6] }
    // Whether a release works depends on the archive of the user.
    if hint.command?.contains("ARCHIVE") == true { return [0, 10, 11] }
    // What used the release or was mounted there is not visible in the namespaces of the copy.
    if hint.command?.contains("/proc/") == true { return [0, 1] }
    return [0]
  }

  /// Returns the command with a file for the archive that only the user has.
  static func completed(_ command: String, archive: String) -> String {
    command.replacing(#/\bARCHIVE\b(?!\.)/#, with: archive)
  }

  /// The program of a command, after sudo(8).
  private static func first(of command: String) -> String {
    var words = command.split(separator: " ").map(String.init)
    if words.first == "sudo", words.count > 1 { words.removeFirst() }
    if words.first == "-u", words.count > 2 { words.removeFirst(2) }
    return words.first ?? ""
  }
}
