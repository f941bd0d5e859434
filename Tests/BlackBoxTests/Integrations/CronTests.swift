import Foundation
import TestSupport
import Testing

/// The jobs of the cron file, and the command lines of all units.
@Suite struct CronTests {
  /// Returns the schedule, the user and the command of each job.
  private func jobs() throws -> [(fields: [String], command: String)] {
    try Integrations.text("cron/releases").split(separator: "\n")
      .filter { $0.first?.isNumber == true || $0.hasPrefix("*") }
      .map { line in
        let fields = line.split(separator: " ", maxSplits: 6).map(String.init)
        let rest = line.split(separator: " ", omittingEmptySubsequences: true)
        return (fields, rest.dropFirst(6).joined(separator: " "))
      }
  }

  @Test func `cron jobs print only what needs attention`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let jobs = try jobs()
    #expect(jobs.count == 2)
    let tools = (Releases.binary as NSString).deletingLastPathComponent
    let variables = ["PATH": "\(tools):/usr/bin:/bin", "RELEASES_STORE": store.path]
    for job in jobs {
      let run = try Program.run(["/bin/sh", "-c", job.command], environment: variables)
      #expect(run.status == 0 && run.output == "" && run.errors == "", "\(job.command): \(run)")
    }
    // A job prints what differs.
    try store.write("releases/1/VERSION", "changed")
    let verify = try #require(jobs.last?.command)
    let run = try Program.run(["/bin/sh", "-c", verify], environment: variables)
    #expect(run.status == 7 && run.output == "1\n")
  }

  @Test func `the cron file sets path, recipient and store`() throws {
    let text = try Integrations.text("cron/releases")
    for line in ["PATH=/usr/local/bin:/usr/bin:/bin", "MAILTO=root", "RELEASES_STORE=/opt/diting"] {
      #expect(text.contains("\n\(line)\n"))
    }
    #expect(text.hasSuffix("\n"), "cron ignores a last line without a newline")
    #expect(!text.contains("%"), "a percent sign ends a command of cron")
  }

  /// The commands run on a store where they have nothing to do.
  @Test func `every command line in units and cron file runs`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let inUnits = try Integrations.units.flatMap { unit in
      try Integrations.text("systemd/\(unit)").split(separator: "\n")
        .filter { $0.hasPrefix("ExecStart=/usr/local/bin/releases ") }
        .map { $0.split(separator: " ").dropFirst().map(String.init) }
    }
    let inCron = try jobs().map { $0.command.split(separator: " ").dropFirst().map(String.init) }
    #expect(inUnits.count == 8 && inCron.count == 2)
    for arguments in inUnits + inCron {
      let run = try store.run(
        arguments, environment: ["RELEASES_TEXTFILE_DIRECTORY": store.directory])
      #expect(run.status == 0, "\(arguments): \(run.errors)")
    }
  }
}
