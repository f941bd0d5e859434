import Foundation
import TestSupport
import Testing

/// The files for Prometheus and sudo, checked by promtool and visudo where these are installed.
@Suite struct IntegrationFileTests {
  /// Other tests cover the Ansible collection and the packages.
  @Test func `the folder holds only known files with a header comment`() throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: Integrations.folder.path)
      .filter { !$0.hasPrefix("ansible") && !$0.hasPrefix("packages") }
    #expect(
      Set(files)
        == Set(
          (Integrations.units + Integrations.templates.map { "user/\($0)" }).map { "systemd/\($0)" }
        )
        .union([
          "systemd", "systemd/user", "systemd/diting.service.d",
          "systemd/diting.service.d/socket.conf", "systemd/diting-proxy.socket.d",
          "systemd/diting-proxy.socket.d/nginx.conf", "cron", "cron/releases", "sudoers",
          "sudoers/releases", "sudoers/instances", "polkit", "polkit/50-diting.rules", "tmpfiles",
          "tmpfiles/diting.conf", "nginx", "nginx/diting.conf", "prometheus",
        ])
        .union(["prometheus/releases.rules.yml", "prometheus/releases.test.yml", "github"])
        .union(
          [
            "README.md", "action.yml", "test.yml", "deploy.yml", "rollback.yml", "releases.sh",
            "connection.sh", "report.jq",
          ].map { "github/\($0)" }
        )
        .union(["prometheus/dashboard.json"])
        .union(
          ["page.png", "page-dark.png", "terminal-light.svg", "terminal-dark.svg"].map {
            "pictures/\($0)"
          } + ["pictures"]
        )
        .union(["runbook.en.md", "runbook.zh-CN.md"]))
    for file in files
    where file.contains("/") && file != "systemd/user" && !file.hasSuffix(".d")
      && !file.hasPrefix("pictures/") && !file.hasSuffix(".json")
    {
      let comment = file.hasSuffix(".rules") ? "//" : "#"
      #expect(try Integrations.text(file).hasPrefix(comment), "\(file) has no comment at the top")
    }
  }

  /// promtool(1) is large, so the test runs only where it is installed.
  @Test(.enabled(if: Program.isInstalled("promtool")))
  func `promtool accepts the rules and their tests`() throws {
    let folder = Integrations.folder.appending(path: "prometheus").path
    try Program.expect(["promtool", "test", "rules", "\(folder)/releases.test.yml"])
  }

  /// An alert on a metric that does not exist never fires.
  @Test func `every metric in an alert exists`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write(
      "releases.yaml", "service: {unit: a@, socket: '/run/a/{id}.sock', live: /run/a/live.sock}\n")
    let existing = Set(
      try store.expectSuccess(["metrics"]).lines.map { $0.prefix { $0 != "{" && $0 != " " } })
    let rules = try Integrations.text("prometheus/releases.rules.yml")
    let used = rules.matches(of: /releases_[a-z_]+/).map(\.output)
    #expect(used.count > 10)
    #expect(Set(used).subtracting(existing).isEmpty)
  }

  @Test(.enabled(if: Program.isInstalled("visudo")))
  func `visudo accepts the rules and they allow two commands`() throws {
    let run = try Program.run([
      "visudo", "-cf", Integrations.folder.appending(path: "sudoers/releases").path,
    ])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    let rules = try Integrations.text("sudoers/releases").split(separator: "\n")
      .filter { !$0.hasPrefix("#") && !$0.hasPrefix("Defaults") }
    #expect(
      rules == [
        "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart diting",
        "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl reset-failed diting",
      ])
  }

  /// A pattern without both ends, or with a wildcard, would allow other units.
  @Test(.enabled(if: Program.isInstalled("visudo")))
  func `the rules for instances allow exactly the names of releases`() throws {
    let folder = Integrations.folder.path
    try Program.expect(["visudo", "-cf", "\(folder)/sudoers/instances"])
    let pattern = #"diting(-worker)?@[0-9A-Za-z][0-9A-Za-z._-]{0,63}\.service"#
    #expect(try Integrations.text("polkit/50-diting.rules").contains("/^\(pattern)$/"))
    let rule = try #require(
      try Integrations.text("sudoers/instances").split(separator: "\n")
        .last { $0.hasPrefix("deploy ") })
    #expect(rule.contains("( \(pattern)){1,2}$") && !rule.contains("*"))
  }

  @Test func `the settings for a shorter restart repeat the start of the service`() throws {
    func start(_ file: String) throws -> String {
      let lines = try Integrations.text("systemd/\(file)").split(separator: "\n")
      return String(try #require(lines.last { $0.hasPrefix("ExecStart=/") }))
    }
    let plain = try start("diting.service")
    let expected = plain.replacing("--host 0.0.0.0 --port 17999", with: "--fd 3")
    #expect(expected != plain)
    #expect(try start("diting.service.d/socket.conf") == expected)
  }
}
