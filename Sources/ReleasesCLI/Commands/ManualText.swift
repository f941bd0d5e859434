internal import CommandLineKit

extension Manual {
  /// The parts of releases(1) that do not come from the commands.
  static let releases = Manual(
    title: "deploy, switch, roll back and prune the releases of a service",
    description: [
      """
      releases manages a deploy directory as a transactional store: releases are unpacked side by \
      side, and the links 'current' and 'previous' point to the live release and to the rollback \
      target. If a command is interrupted, the store is afterwards either as it was or as requested, \
      and the service always has a version to run.
      """,
      """
      Results go to standard output. Errors, warnings, progress, and reports about the recovery of \
      an interrupted command go to standard error. Options and operands can be mixed, flags can be \
      bundled, and '--' ends the options. Long options can't be abbreviated, and a value that begins \
      with '-' must be attached, as in --ref=-x.
      """,
      """
      When root works on the store of another user, the command first becomes that user, with all \
      groups of that user; see releases-store(7).
      """,
    ],
    environment: [
      ("RELEASES_STORE", "the store, if --store is not given"),
      (
        "RELEASES_TEXTFILE_DIRECTORY",
        "the directory of the file that 'metrics --textfile' writes, if its name has no slash"
      ),
      ("NO_COLOR", "disables colors if it is set and not empty"),
      ("TERM", "disables colors if it is not set, or dumb; a pipe never gets colors"),
      (
        "LC_ALL , LC_CTYPE , LANG",
        "the first of these that is set says whether the terminal supports UTF-8. "
          + "On other terminals every character beyond ASCII is printed as a question mark"
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
      + [("128+n", "ended by signal n; a change that was in progress has been finished or undone")],
    seeAlso: [
      "ln 1", "systemctl 1", "tar 1", "flock 2", "mtree 5", "releases.yaml 5",
      "releases-security 7", "releases-store 7",
    ])
}
