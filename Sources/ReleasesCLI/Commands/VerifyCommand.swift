extension Command {
  static let verify = Command(
    name: "verify",
    summary: "compare releases with what was published",
    group: .look,
    details: [
      """
      Reads every file and compares it with the manifest. What is modified, missing or added is \
      listed; what is modified or missing ends with exit status 7. Without ID and without --all \
      the live release is checked.
      """,
      "Nothing is changed or repaired, and an interruption leaves nothing behind.",
    ],
    operands: [Operand(Value("ID", .releases), .any, help: "the releases to check")],
    options: [
      Option(.all, help: "check every release"),
      Option(.strict, help: "fail also for what was added and for times that differ"),
    ],
    examples: [
      ("releases verify", "is the live release what was deployed?"),
      ("releases verify --all --strict --json", "all releases, to the letter, for a script"),
    ],
    run: decline)
}
