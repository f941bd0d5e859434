internal import CommandLineKit

extension Manual {
  /// The parts of releases(1) that are not made from the commands.
  static let releases = Manual(
    title: "unpack, switch and prune the releases of a service",
    description: [
      """
      Treats a deploy directory as a transactional store: releases are unpacked beside each other, \
      and the links 'current' and 'previous' point to the live release and to the rollback target. \
      Whatever interrupts the program, the store is afterwards either as it was or as requested, \
      and the service has a version to run.
      """,
      """
      The result goes to standard output; errors, warnings, and what the recovery of an \
      interrupted command did go to standard error. Options and operands may be mixed, flags \
      bundled, and '--' ends the options. Long options can't be abbreviated, and a value that \
      begins with '-' is attached, as in --ref=-x.
      """,
      """
      When root works on the store of another user, the command first becomes that user, with all \
      groups of that user; see releases-store(7).
      """,
    ],
    environment: [
      ("RELEASES_STORE", "the store, where --store is not given"),
      ("NO_COLOR", "if it is set and not empty, nothing is colored"),
      ("TERM", "if it is not set, or dumb, nothing is colored; a pipe never gets colors"),
      (
        "LC_ALL , LC_CTYPE , LANG",
        "the first that is set says whether the terminal understands UTF-8. "
          + "Otherwise every character beyond ASCII is printed as a question mark"
      ),
      (
        "SUDO_USER , LOGNAME , USER",
        "the first that is set is the user in the journal and the history"
      ),
    ],
    files: [
      ("/opt/diting", "the store, where neither --store nor RELEASES_STORE names another"),
      ("releases.yaml", "in the store: its configuration; optional"),
      ("releases/", "in the store: the releases"),
      ("current", "in the store: the link to the live release"),
      ("previous", "in the store: the link to the rollback target"),
      ("shared/", "in the store: what outlives a release, such as logs"),
      (".releases/lock", "in the store: the lock and the journal. Never remove it"),
      (".releases/history.jsonl", "in the store: one line for every transaction"),
    ],
    exitStatuses: ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) }
      + [("128+n", "ended by signal n, after the change under way was finished or undone")],
    seeAlso: [
      "ln 1", "systemctl 1", "tar 1", "flock 2", "mtree 5", "releases.yaml 5", "releases-store 7",
    ])
}
