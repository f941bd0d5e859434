internal import Archive
internal import Linux

extension Command {
  /// Unpacks in a sandbox. `unpack` starts it, so that an archive never reaches the process that may
  /// write to the store.
  static let unpackWorker = Command(
    name: "unpack-worker",
    summary: "Unpack an archive from standard input in a sandbox",
    group: nil,
    details: ["'releases unpack' starts this command; it is not meant for interactive use."],
    examples: [("releases unpack app.tar.gz", "Start the worker")],
    // The process has read the archive by then, and runs none of the code that prints results.
    run: { _, _ in ProcessEnding.exit(UnpackWorker.run()) })
}
