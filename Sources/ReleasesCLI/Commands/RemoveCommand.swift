extension Command {
  static let remove = Command(
    name: "remove",
    summary: "remove one release",
    group: .maintain,
    details: [
      """
      Refused for the live release, the fallback, and what is pinned or in use. The release leaves \
      in one step and its files are deleted after that; once begun, an interrupted removal is \
      finished by the next command that changes the store.
      """
    ],
    operands: [.release("the release to remove")],
    options: [
      .force("remove even the fallback or a pinned release; the live one stays")
    ] + Option.changing,
    examples: [
      ("releases remove 1761974885", "make it gone")
    ],
    run: decline)
}
