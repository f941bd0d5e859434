internal import Operations
internal import ReleaseModel

extension Command {
  static let check = Command(
    name: "check",
    summary: "Find problems before they cause a failure",
    group: .inspect,
    roles: [.monitor],
    details: [
      """
      Checks the journal, the links, the catalog and the history, the file system with its mounts \
      and free space, the sandbox for unpacking, the configuration and the shared files that it \
      names, and who may write to the store. Each problem comes with a hint. The exit status is the one \
      that the affected command would return, usually 3; warnings do not change it. Nothing is \
      changed.
      """
    ],
    examples: [
      ("releases check", "Check a new host, or a changed releases.yaml")
    ],
    synonyms: ["validate", "lint", "test", "doctor"],
    run: { (invocation, context) throws(ReleasesError) in
      try context.becomeOwner()
      let findings = Check.run(context.storePath, try context.environment())
      let report = CheckReport(context.storePath, findings, storeArgument: context.storeArgument)
      let status = findings.compactMap(\.code).first.map { ExitStatus($0) }
      let problems = findings.contains { $0.level == .problem }
      return CommandResult(report, status: problems ? status ?? .refused : .done) {
        report.text($0)
      }
    })
}
