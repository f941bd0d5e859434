internal import CommandLineKit

extension Manual {
  /// The parts of releases(1) that do not come from the commands.
  static let releases = Manual(
    title: "deploy, switch, roll back and prune the releases of a service",
    description: [
      """
      releases keeps the versions of an application side by side in a directory, the store, and \
      switches between them. Each version is a release, a directory below releases/. The link \
      'current' points to the live release, and the link 'previous' points to the rollback target, \
      the release that 'releases rollback' would choose.
      """,
      """
      Every change to the store is a transaction. If it is interrupted, by a signal, a full disk \
      or a power cut, the next command finishes or undoes it, and 'current' points to a complete \
      release at all times. The catalog records the state of each release, and the journal records \
      the transaction in progress. releases-store(7) describes both and states the guarantees.
      """,
      """
      Results go to standard output. Errors, warnings, progress, and reports about the recovery of \
      an interrupted command go to standard error. An error says what failed, and a hint says what \
      to do. The command in the hint of an error is on a line of its own, ready to paste.
      """,
      """
      Options and operands can be mixed, flags can be bundled, and '--' ends the options. Long \
      options can't be abbreviated, and a value that begins with '-' must be attached, as in \
      --ref=-x. The operand ID can be a release ID, a unique prefix of one, or a ref that only one \
      release has; some commands also accept latest, previous or current. A ref is the commit or \
      tag that --ref recorded.
      """,
      """
      When root runs a command on a store that another user owns, the command first becomes that \
      user, with that user's groups; see releases-store(7).
      """,
    ],
    introduction: [
      Section(
        "QUICK START",
        [
          .text("As root, create a directory for the store that belongs to the user who deploys:"),
          .lines(["install -d -o deploy -g deploy /opt/diting"]),
          .text(
            """
            As that user, create the store, or adopt the releases that the directory already \
            contains:
            """),
          .lines(["releases init"]),
          .text(
            """
            In the unit of the service, set WorkingDirectory=/opt/diting/current. Set the hooks \
            and the health check in /opt/diting/releases.yaml, and check the host and the \
            configuration:
            """),
          .lines(["releases check"]),
          .text("Deploy an archive. If the new release is not healthy, the old one is restored:"),
          .lines(["releases deploy app.tar.gz --ref v1.4.2"]),
          .text("See what is live, and return to the release that was live before:"),
          .lines(["releases status", "releases rollback"]),
        ])
    ],
    topics: [
      Section(
        "CONFIGURATION",
        [
          .text(
            """
            The file releases.yaml in the store is optional; releases.yaml(5) describes it. Its \
            sections are: keep, the retention policy; shared, files and directories that outlive a \
            release; service, the units that run the live release, or one instance of each release; hooks, the programs that run \
            during a deployment; health, the check that confirms a switch; unpack, the limits of \
            an archive; trust, the digest or signature that an archive needs; and verify, the \
            paths that may differ.
            """),
          .lines([
            "keep: {count: 3, age: 7d}",
            "shared: {directories: [logs], files: [config/app.yaml]}",
            "service: diting",
            "hooks:",
            "  prepare: {run: /home/deploy/.local/bin/uv sync --frozen, timeout: 10m}",
            "  activate: {run: sudo systemctl restart diting, timeout: 2m}",
            "health: {url: http://localhost:17999/health, timeout: 60s}",
          ]),
          .text(
            "Every command reads the file again. 'releases check' reports what is wrong in it."),
        ]),
      Section(
        "JSON",
        [
          .text(
            """
            With --json a command prints one JSON document, even if it fails. releases-json(7) \
            describes every member, and has examples for jq(1).
            """)
        ]),
    ],
    environment: [
      ("RELEASES_STORE", "the store, if --store is not given"),
      (
        "RELEASES_TEXTFILE_DIRECTORY",
        "the directory of the file that 'metrics --textfile' writes, if its name has no slash"
      ),
      ("NO_COLOR", "disables colors if it is set and not empty"),
      (
        "TERM",
        "disables colors if it is not set or is 'dumb'; output to a pipe never has colors"
      ),
      (
        "LC_ALL , LC_CTYPE , LANG",
        "the first of these that is set says whether the terminal uses UTF-8. "
          + "If it does not, every non-ASCII character is printed as a question mark"
      ),
      (
        "SUDO_USER , LOGNAME , USER",
        "the first of these that is set gives the user's name in the journal and the history"
      ),
    ],
    files: [
      ("/opt/diting", "the default store"),
      ("releases.yaml", "in the store: its optional configuration"),
      ("releases/", "in the store: the releases"),
      ("current", "in the store: the link to the live release"),
      ("previous", "in the store: the link to the rollback target"),
      ("shared/", "in the store: files that outlive a release, such as logs"),
      (".releases/lock", "in the store: the lock and the journal. Never remove it"),
      (".releases/history.jsonl", "in the store: the past transactions, one per line"),
      (".releases/history-SEQUENCE.jsonl", "in the store: older transactions"),
    ],
    exitStatuses: ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) }
      + [("128+n", "ended by signal n; a change that was in progress was finished or undone")],
    examples: [
      .text("Deploy over SSH from CI, and read the outcome from the exit status:"),
      .lines(["ssh deploy@HOST releases deploy - --ref v1.4.2 --wait 5m < app.tar.gz"]),
      .text("Upload now, and switch later:"),
      .lines(["releases unpack app.tar.gz --ref v1.4.2", "releases activate v1.4.2"]),
      .text("Find out why a deployment failed:"),
      .lines(["releases list", "releases logs v1.4.2", "releases diagnose --archive report.tar.gz"]
      ),
      .text("Return to an older release that is known to work:"),
      .lines(["releases rollback --to v1.4.0"]),
      .text("Free disk space now, without waiting for the age of releases:"),
      .lines(["releases prune --dry-run --keep-within 0d", "releases prune --keep-within 0d"]),
      .text("Block deployments during a migration:"),
      .lines(["releases freeze --reason 'migration until 14:00'", "releases thaw"]),
      .text("Repair the store after the links were moved with ln(1), or after a power cut:"),
      .lines(["releases recover", "releases status"]),
    ],
    seeAlso: [
      "jq 1", "ln 1", "systemctl 1", "tar 1", "flock 2", "mtree 5", "releases.yaml 5",
      "releases-json 7", "releases-security 7", "releases-store 7",
    ])
}
