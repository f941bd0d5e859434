import Foundation
import TestSupport
import Testing

/// `status`, `list`, `check` and `metrics` never contradict each other or what the next command does,
/// whatever has happened to the store.
@Suite struct AgreementTests {
  /// 320 stores, in parts that run at the same time.
  static let parts = Array(0..<16) as [UInt64]
  static let storesInPart = 20 as UInt64

  /// The findings that explain why a switch is refused, by the code of the refusal.
  private static let explanations: [String: Set<String>] = [
    "notWhole": ["rollbackNotWhole"], "notALink": ["currentBroken", "previousBroken"],
    "sharedFileMissing": ["sharedMissing", "sharedDangling", "sharedWrongKind"],
    "sharedDirectoryMissing": ["sharedMissing", "sharedDangling", "sharedWrongKind"],
    "configuration": ["configurationInvalid"], "unsafeOwner": ["programUnusable"],
    "damaged": ["catalogCorrupt", "rollbackNotWhole"], "noSuchRelease": ["releaseMissing"],
    "liveChanged": ["interrupted"],
  ]
  private static let blocking = Set(explanations.values.joined())
  /// The findings that a recovery takes care of.
  private static let recoverable: Set = [
    "interrupted", "journalLost", "linkMoved", "stageLeft", "trashLeft",
    "preparationInterrupted",
  ]

  /// What the commands say about one store.
  fileprivate struct View {
    let status: Releases.Run
    let list: Releases.Run
    let check: Releases.Run
    let metrics: String
    let findings: [FindingDocument]
    var codes: Set<String> { Set(findings.map(\.code)) }

    init(_ store: TestStore) throws {
      status = try store.run(["status", "--json"])
      list = try store.run(["list", "--json"])
      check = try store.run(["check", "--json"])
      metrics = try store.run(["metrics"]).output
      findings = try status.findings
    }
  }

  @Test(arguments: parts)
  func `what is shown agrees with what the next command does`(part: UInt64) throws {
    for seed in (part * Self.storesInPart)..<((part + 1) * Self.storesInPart) {
      let generated = try GeneratedStore(seed: seed)
      let (store, name) = (generated.store, "seed \(seed): \(generated.changes)" as Comment)
      let view = try View(store)
      try expectAgreement(view, store, name)
      let rollback = try store.run(["rollback", "--dry-run", "--json"])
      try expect(rollback, asShownBy: view, name)
      for id in ["latest", "1", "4"] { try expectActivation(of: id, view, store, name) }
      try expectPrune(view, store, name)
      try expectRecovery(view, store, name)
      try expectDone(rollback, view, store, name)
    }
  }

  /// The four commands have the same findings.
  private func expectAgreement(_ view: View, _ store: TestStore, _ name: Comment) throws {
    let problems = view.findings.filter { $0.level == "problem" }
    #expect(view.status.status == (problems.isEmpty ? 0 : 7), name)
    #expect(try view.list.findings == view.findings, name)
    let (status, list) = (try view.status.json, try view.list.json)
    for key in ["current", "previous", "rollback"] {
      #expect(status[key] as? String == list[key] as? String, name)
    }
    #expect(status["rollbackWhole"] as? Bool == list["rollbackWhole"] as? Bool, name)
    let check = try view.check.checkCodes
    for code in view.codes {
      let count = view.findings.filter { $0.code == code }.count
      #expect(check.filter { $0 == code }.count == count, "check \(code), \(name)")
      #expect(view.metrics.contains("code=\"\(code)\"} \(count)\n"), "metrics \(code), \(name)")
    }
    let label = "{store=\"\(store.path)\"}"
    #expect(view.metrics.contains("releases_problems\(label) \(problems.count)\n"), name)
    let isAvailable = status["rollback"] is String && status["rollbackWhole"] as? Bool != false
    #expect(
      view.metrics.contains("releases_rollback_available\(label) \(isAvailable ? 1 : 0)\n"), name)
  }

  /// The next rollback goes where `status` says, or is refused for what `status` shows.
  private func expect(
    _ rollback: Releases.Run, asShownBy view: View, _ name: Comment
  ) throws {
    let status = try view.status.json
    let report = try rollback.json
    // A dry run plans from the state after recovery, and the other commands say what recovery will do.
    if view.codes.contains("interrupted"), rollback.status == 0 {
      #expect((report["recovered"] as? [String])?.isEmpty == false, name)
      return
    }
    if rollback.status == 0 {
      #expect(report["id"] as? String == status["rollback"] as? String, name)
      #expect(status["rollbackWhole"] as? Bool == true, name)
      #expect(status["frozen"] is NSNull, name)
      #expect(view.findings.allSatisfy { $0.code != "rollbackNotWhole" }, name)
      return
    }
    let code = try rollback.error["code"] as? String ?? "?"
    switch code {
    case "nothingToRollBackTo": #expect(status["rollback"] is NSNull, name)
    case "frozen": #expect(status["frozen"] is [String: Any], name)
    default:
      #expect(view.status.status == 7, "\(code), \(name)")
      let explained = Self.explanations[code] ?? []
      #expect(!view.codes.isDisjoint(with: explained), "\(code): \(view.codes), \(name)")
      #expect(view.check.status != 0 || code == "liveChanged", "\(code), \(name)")
    }
  }

  private func expectActivation(
    of id: String, _ view: View, _ store: TestStore, _ name: Comment
  ) throws {
    // After recovery, the states are other ones.
    if view.codes.contains("interrupted") { return }
    let run = try store.run(["activate", id, "--dry-run", "--json"])
    let releases = try #require(try view.list.json["releases"] as? [[String: Any]])
    let target = run.status == 0 ? try run.json["id"] as? String : id
    let release = releases.first { $0["id"] as? String == target }
    let state = release?["state"] as? String
    if run.status == 0 {
      #expect(state == "ready", "\(id), \(name)")
      #expect(try view.list.json["frozen"] is NSNull, name)
      return
    }
    let code = try run.error["code"] as? String ?? "?"
    switch code {
    case "frozen": #expect(try view.list.json["frozen"] is [String: Any], name)
    case "bad": #expect(state == "bad", "\(id), \(name)")
    case "notReady":
      #expect(["unpacked", "preparing", "failed", "unknown"].contains(state), "\(id), \(name)")
    case "noSuchRelease":
      #expect(
        state == nil || state == "missing" || id == "latest", "\(id) is \(state ?? ""), \(name)")
    // Only the release that a rollback would choose is compared with its manifest.
    case "notWhole": #expect(id != view.rollback || view.codes.contains("rollbackNotWhole"), name)
    case "damaged": #expect(state == "damaged", "\(id), \(name)")
    default:
      let explained = Self.explanations[code] ?? []
      #expect(!view.codes.isDisjoint(with: explained), "\(id): \(code), \(view.codes), \(name)")
    }
  }

  private func expectPrune(_ view: View, _ store: TestStore, _ name: Comment) throws {
    let run = try store.run(["prune", "--keep", "1", "--keep-within", "0d", "--dry-run", "--json"])
    guard run.status == 0 else {
      let code = try run.error["code"] as? String ?? "?"
      #expect(!view.codes.isDisjoint(with: Self.explanations[code] ?? []), "\(code), \(name)")
      return
    }
    let decisions = try #require(try run.json["decisions"] as? [[String: Any]])
    let removed = decisions.filter { $0["action"] as? String == "remove" }
      .compactMap { $0["id"] as? String }
    let status = try view.status.json
    // The links are those before the recovery, which the plan takes into account.
    if view.codes.contains("interrupted") { return }
    for key in ["current", "previous", "rollback"] {
      let shown = status[key] as? String
      #expect(shown.map { !removed.contains($0) } ?? true, "\(key), \(name)")
    }
  }

  private func expectRecovery(_ view: View, _ store: TestStore, _ name: Comment) throws {
    let run = try store.expectSuccess(["recover", "--dry-run", "--json"])
    let planned = try #require(try run.json["recovered"] as? [String])
    #expect(
      planned.isEmpty == view.codes.isDisjoint(with: Self.recoverable),
      "\(planned): \(view.codes), \(name)")
  }

  /// The real command does what the dry run said, unless something is to be recovered first.
  private func expectDone(
    _ planned: Releases.Run, _ view: View, _ store: TestStore, _ name: Comment
  ) throws {
    guard view.codes.isDisjoint(with: Self.recoverable) else { return }
    let run = try store.run(["rollback", "--json"])
    #expect(run.status == planned.status, "\(run.errors), \(name)")
    #expect(try run.json["id"] as? String == planned.json["id"] as? String, name)
    if run.status == 0 { #expect(store.current == (try planned.json["id"] as? String), name) }
  }

  // MARK: - Hints

  /// Words in the commands of hints that only look, or that need a person.
  private static let looks = [
    "ls", "verify", "diagnose", "check", "list", "status", "less", "deploy",
  ]

  @Test(arguments: parts)
  func `every hint can be followed and helps`(part: UInt64) throws {
    for seed in (1000 + part * 10)..<(1010 + part * 10) {
      let generated = try GeneratedStore(seed: seed)
      let (store, name) = (generated.store, "seed \(seed): \(generated.changes)")
      var followed: Set<FindingDocument> = []
      for _ in 0..<20 {
        let findings = try store.status().findings.filter { $0.level != "note" }
        guard let finding = findings.first(where: { isAction($0) }) else { break }
        let isNew = followed.insert(finding).inserted
        try #require(isNew, "\(finding) helps nothing, \(followed), \(name)")
        let run = try store.follow(finding)
        try #require(run.status == 0, "\(finding): \(run.errors), \(name)")
      }
      let left = try store.status().findings.filter { isAction($0) && $0.level != "note" }
      #expect(left.isEmpty, "\(left), \(name)")
    }
  }

  /// Whether the hint of a finding is a command that changes something.
  private func isAction(_ finding: FindingDocument) -> Bool {
    guard let command = finding.command else { return false }
    let words = command.split(separator: " ").map(String.init)
    // After `releases --store PATH`.
    let verb = words.first == "releases" ? words[3] : words[0]
    return !Self.looks.contains(verb)
  }
}

extension AgreementTests.View {
  fileprivate var rollback: String? { try? status.json["rollback"] as? String }
}
