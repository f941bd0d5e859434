extension Command {
  static let recover = Command(
    name: "recover",
    summary: "settle a transaction that was interrupted",
    group: .maintain,
    details: [
      """
      Reads the journal, looks at the disk, and brings the store to one of two ends: as it was, or \
      as it was asked to be. A switch that was never confirmed goes back. It says what it did, and \
      nothing when there was nothing to settle. Safe to repeat, also when it is interrupted \
      itself.
      """,
      "Every command that changes the store does this first, so it is seldom typed by hand.",
    ],
    options: [
      Option(.boot, help: "run no hooks; for the unit that runs before the service starts")
    ] + Option.changing,
    examples: [
      ("releases recover", "settle it now"),
      ("releases recover --boot", "in a systemd unit ordered before the service"),
    ],
    run: decline)
}
