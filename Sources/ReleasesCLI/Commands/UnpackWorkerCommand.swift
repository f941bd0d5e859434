internal import Archive

extension Command {
  /// Unpacks in a sandbox. `unpack` starts it, so that an archive never reaches the process that may
  /// write to the store.
  static let unpackWorker = Command(
    name: "unpack-worker",
    summary: "Unpack an archive from standard input in a sandbox",
    group: nil,
    details: ["'releases unpack' starts this command; it is not meant for interactive use."],
    examples: [("releases unpack app.tar.gz", "Start the worker")],
    run: { _, _ in CommandResult(text: "", status: UnpackWorker.run() == 0 ? .done : .failed) })
}
