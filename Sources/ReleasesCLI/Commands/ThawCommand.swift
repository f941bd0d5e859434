extension Command {
  static let thaw = Command(
    name: "thaw",
    summary: "allow switches again",
    group: .guarding,
    details: [
      "Ends a freeze. A store that is not frozen stays so, and that is no error."
    ],
    options: Option.changing,
    examples: [
      ("releases thaw", "the opposite of releases freeze")
    ],
    run: decline)
}
