extension Command {
  static let check = Command(
    name: "check",
    summary: "find what would go wrong, before it does",
    group: .look,
    details: [
      """
      Looks at the configuration, owners and permissions, space and inodes, the file system, hooks \
      and the tools they need. Every finding says what to do about it. Nothing is changed, and no \
      hook is run.
      """
    ],
    examples: [
      ("releases check", "after changing releases.yaml, or on a new host")
    ],
    run: decline)
}
