internal import Archive
internal import Linux

extension Command {
  /// What `unpack` starts to meet the archive in its place.
  static let unpackWorker = Command(
    name: "unpack-worker",
    summary: "unpack what comes on standard input, behind every wall the kernel has",
    group: nil,
    details: ["Started by unpack; of no use to people."],
    examples: [("releases unpack app.tar.gz", "what starts it")],
    run: { _, _ in CommandResult(text: "", status: UnpackWorker.run() == 0 ? .done : .failed) })
}
