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
      names, and who may write to the store. The command also asks systemd whether the units that \
      the key service names exist, and asks sudo whether the owner may run the hooks that begin \
      with sudo. Each problem comes with a hint. The exit status is the one that the affected \
      command would return, usually 3. It is 7 if no command would fail, because only the live \
      release needs attention. Warnings do not change it. Nothing is changed.
      """,
      """
      With instances (service.socket), it checks the directory of service.live, the memory for a second \
      instance, and whether recovery is enabled at boot. As the owner of the store, it stops an \
      instance that does not exist, to see whether the owner may.
      """,
    ],
    examples: [
      ("releases check", "Check a new host, or a changed releases.yaml")
    ],
    synonyms: ["validate", "lint", "test", "doctor"],
    run: { (invocation, context) throws(ReleasesError) in
      try context.becomeOwner()
      let findings = Check.run(context.storePath, try context.environment())
      let report = CheckReport(context.storePath, findings, reader: context.reader)
      return CommandResult(report, status: exitStatus(findings.filter { $0.level == .problem })) {
        report.text($0)
      }
    })
}

/// Returns the exit status for problems: that of the first command that would fail. When no command
/// would fail, since only the live release needs attention, it is the one of `status`.
private func exitStatus(_ problems: [Finding]) -> ExitStatus {
  if problems.isEmpty { return .done }
  if let code = problems.lazy.compactMap(\.code).first { return ExitStatus(code) }
  return problems.allSatisfy { $0.storeCode?.isAboutLiveRelease == true } ? .differences : .refused
}
