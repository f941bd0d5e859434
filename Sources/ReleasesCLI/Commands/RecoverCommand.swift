internal import ReleaseStore

extension Command {
  static let recover = Command(
    name: "recover",
    summary: "settle a transaction that was interrupted",
    group: .maintain,
    details: [
      """
      Reads the journal, looks at the disk, and brings the store to one of two ends: as it was, or \
      as it was asked to be. Links that were moved by hand are taken as they are, and noted. It \
      says what it did, and nothing when there was nothing to settle. Safe to repeat, also when it \
      is interrupted itself.
      """,
      """
      A switch that was waiting for its hook or its health check goes back: the release it was for \
      is marked bad, and the activate hook lets the service use the old one.
      """,
      "Every command that changes the store does this first, so it is seldom typed by hand.",
    ],
    options: [
      Option(
        .boot,
        help: "for the unit that runs before the service starts: run no hooks"
      )
    ] + Option.changing,
    examples: [
      ("releases recover", "settle it now"),
      ("releases recover --boot", "in a systemd unit ordered before the service"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      if invocation.flag(.dryRun) {
        let planned = try store.planRecovery()
        let report = ChangeReport(
          command: "recover", id: nil, outcome: planned.isEmpty ? "unchanged" : "done",
          dryRun: true, recovered: planned)
        return Outcome(report) { style in
          planned.map { style.sentence("would \($0)") }.joined()
        }
      }
      let transaction = try context.begin(store, invocation, isBoot: invocation.flag(.boot))
      let recovered = transaction.recovered
      transaction.end()
      let report = ChangeReport(
        command: "recover", id: nil, outcome: recovered.isEmpty ? "unchanged" : "done",
        recovered: recovered)
      return Outcome(report) { _ in
        recovered.isEmpty ? "" : "settled\n"
      }
    })
}
