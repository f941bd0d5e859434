internal import ReleaseStore

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
    run: { (invocation, context) throws(ReleasesError) in
      try context.becomeOwner()
      let findings = Check.run(context.storePath, try context.environment())
      let report = CheckReport(context.storePath, findings, storeArgument: context.storeArgument)
      let status = findings.compactMap(\.code).first.map { ExitStatus($0) }
      let problems = findings.contains { $0.level == .problem }
      return Outcome(report, status: problems ? status ?? .refused : .done) { report.text($0) }
    })
}
