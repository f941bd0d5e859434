internal import ReleaseStore

extension Command {
  static let metrics = Command(
    name: "metrics",
    summary: "print what a monitor wants to know, for Prometheus",
    group: .look,
    details: [
      """
      The text format of Prometheus: what is live and since when, releases and their bytes by \
      state, transactions by outcome with the time and duration of the last of each kind, drift, \
      an interrupted transaction, a freeze, and the room that is left. It takes no lock, runs no \
      health check, and answers while a deployment is under way.
      """,
      """
      For the textfile collector of node_exporter, write it to a file beside the one it reads and \
      rename that; Integrations/systemd has a timer that does, and Integrations/prometheus alerts.
      """,
    ],
    examples: [
      (
        "releases metrics > diting.prom.new",
        "to be renamed to diting.prom, which then appears at once"
      )
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let moment = try StoreMoment(store, try context.environment())
      let report = MetricsReport(
        moment: moment, history: try store.history(),
        problems: StatusReport(moment, storeArgument: nil).problems.count)
      return Outcome(text: report.text)
    })
}
