import Foundation
import TestSupport
import Testing

/// The script of the workflows, with a host that answers anything, and an ssh that says anything.
@Suite struct WorkflowScriptTests {
  private struct Outcome {
    let status: Int32
    let log: String
    let output: String
    let summary: String
    let issue: String
    var everything: String { log + output + summary + issue }
  }

  /// Deploys, and opens an issue, with an ssh that prints an answer and a message, and then ends.
  private func deploy(answer: String, message: String, status: Int) throws -> Outcome {
    let directory = try TemporaryDirectory()
    let work = directory.path
    try Data(answer.utf8).write(to: URL(fileURLWithPath: "\(work)/answer"))
    try Data(message.utf8).write(to: URL(fileURLWithPath: "\(work)/message"))
    try Data("x".utf8).write(to: URL(fileURLWithPath: "\(work)/app.tar.gz"))
    try FileManager.default.createDirectory(
      atPath: "\(work)/bin", withIntermediateDirectories: true)
    try Program.write(
      """
      #!/bin/bash
      while [ $# -gt 0 ]; do if [ "$1" = -E ]; then cat \(work)/message > "$2"; fi; shift; done
      cat \(work)/answer
      cat \(work)/message >&2
      exit \(status)
      """, to: "\(work)/bin/ssh")
    try Program.write(
      """
      #!/bin/bash
      while [ $# -gt 0 ]; do if [ "$1" = --body-file ]; then cp "$2" \(work)/issue; fi; shift; done
      """, to: "\(work)/bin/gh")
    let script = Integrations.folder.appending(path: "github/releases.sh").path
    let environment = [
      "PATH": "\(work)/bin:/usr/bin:/bin", "RUNNER_TEMP": work, "DEPLOY_HOST": "d@h",
      "GITHUB_OUTPUT": "\(work)/output", "GITHUB_STEP_SUMMARY": "\(work)/summary",
      "RETRY_DELAY": "0", "LANG": "C.UTF-8",
    ]
    let deployed = try Program.run(
      ["bash", script, "deploy", "\(work)/app.tar.gz", "v1"], environment: environment)
    let issued = try Program.run(
      ["bash", script, "issue", "Deployment failed"], environment: environment)
    func text(_ name: String) -> String {
      (try? String(contentsOfFile: "\(work)/\(name)", encoding: .utf8)) ?? ""
    }
    return Outcome(
      status: deployed.status, log: deployed.output + issued.output, output: text("output"),
      summary: text("summary"), issue: text("issue"))
  }

  @Test(.enabled(if: Program.isInstalled("jq")))
  func `no field of an answer is trusted`() throws {
    let answer = #"""
      {"command":"deploy","id":"1\nPATH=/evil","outcome":"activated\nx=y","current":"../x",
      "error":{"code":"bad\nlive=9","exitStatus":"0","message":"password=Sekret77 \u001b[31m\u202e",
      "cause":"x ::error::y ##[error]z","hint":7},"steps":[{"name":"a b","seconds":"1"},3],
      "pruned":["/etc",{"a":1}],"warnings":["token: Sekret77"]}
      """#
    let found = try deploy(answer: answer, message: "", status: 0)
    #expect(found.output == "outcome=unknown\nid=\nlive=\n")
    #expect(found.status == 1)
    for part in ["Sekret77", "\u{1B}", "\u{202E}", "::error::y", "##[error]", "evil", "/etc"] {
      let posted = found.log + found.output + found.summary
      #expect(!posted.contains(part), "\(part) in \(posted)")
    }
  }

  @Test(
    .enabled(if: Program.isInstalled("jq")), arguments: ["256", "-1", "0", "1.5e9", "null", "[]"])
  func `an exit status outside its range becomes 1`(number: String) throws {
    let answer = #"{"command":"deploy","error":{"code":"failed","exitStatus":\#(number)}}"#
    #expect(try deploy(answer: answer, message: "", status: 1).status == 1)
    let whole = answer.replacing(number, with: "10")
    #expect(try deploy(answer: whole, message: "", status: 10).status == 10)
  }

  @Test(.enabled(if: Program.isInstalled("jq")))
  func `an ID that looks like a secret is kept`() throws {
    let id = "sk-abcdefghijklmnop1234"
    let answer =
      #"{"command":"deploy","id":"\#(id)","outcome":"failed","error":{"code":"failed","#
      + #""exitStatus":10,"message":"release \#(id) failed: password=Sekret77"}}"#
    let found = try deploy(answer: answer, message: "", status: 10)
    #expect(found.output == "outcome=failed\nid=\(id)\nlive=\n")
    #expect(found.summary.contains("release \(id) failed: password="))
    #expect(!found.summary.contains("Sekret77") && !found.log.contains("Sekret77"))
  }

  @Test(.enabled(if: Program.isInstalled("jq")))
  func `the messages of ssh are masked`() throws {
    let message =
      "ssh: cannot reach postgresql://u:Sekret77@h token=Sekret77\u{1B}[2J\n"
      + "mount //c: sftp://u:p@Sekret77@h/x and smb://me@corp:pSekret77@h failed\n"
    let found = try deploy(answer: "", message: message, status: 255)
    #expect(found.status == 255)
    #expect(found.output.hasPrefix("outcome=noAnswer\n"))
    let posted = found.output + found.summary + found.issue
    #expect(!posted.contains("Sekret77") && !posted.contains("\u{1B}"))
    #expect(found.summary.contains("cannot reach postgresql://u:"))
  }
}
