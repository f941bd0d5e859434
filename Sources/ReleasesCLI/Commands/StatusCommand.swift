extension Command {
  static let status = Command(
    name: "status",
    summary: "say what is live and whether anything needs attention",
    group: .look,
    details: [
      """
      Names the live release and the one a rollback would choose, a transaction that is running or \
      was interrupted, a freeze and its reason, and the space that is left. It reads without a \
      lock, so it answers while a deployment is under way.
      """
    ],
    examples: [
      ("releases status", "the first thing to type when something is wrong"),
      ("releases status --json", "the same for a monitor"),
    ],
    run: decline)
}
