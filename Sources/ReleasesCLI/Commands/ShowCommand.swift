extension Command {
  static let show = Command(
    name: "show",
    summary: "show all that is known of one release",
    group: .look,
    details: [
      """
      State, sizes, checksum of the archive, when it was made, activated and marked, and why it is \
      kept. It reads without a lock.
      """
    ],
    operands: [.release("the release, a unique beginning of its id, latest, or previous")],
    examples: [
      ("releases show 1762147685", "one release in full"),
      ("releases show previous", "the release that was live before"),
    ],
    run: decline)
}
