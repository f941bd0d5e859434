import Linux
import Testing

@testable import Archive

private func member(
  _ name: String, _ kind: Member.Kind = .file(size: 0), mode: FileMode = 0o644
) -> Member {
  Member(name: Array(name.utf8), kind: kind, mode: mode, modified: FileTime(seconds: 1))
}

private func link(_ name: String, _ target: String) -> Member {
  member(name, .symbolicLink(target: Array(target.utf8)))
}

private func hardLink(_ name: String, _ target: String) -> Member {
  member(name, .hardLink(target: Array(target.utf8)))
}

/// A row of the table: members, and the rule that they break.
struct RuleRow: CustomTestStringConvertible, Sendable {
  let what: String
  let members: [Member]
  let rule: ArchiveError.Rule?
  var testDescription: String { what }

  init(_ what: String, _ rule: ArchiveError.Rule?, _ members: Member...) {
    (self.what, self.rule, self.members) = (what, rule, members)
  }
}

struct AcceptanceRuleTests {
  @Test(arguments: [
    ("a", "a"), ("./a", "a"), ("a//b", "a/b"), ("a/./b/", "a/b"), (".//./a", "a"), (".", ""),
    ("./", ""), ("...", "..."), ("a/..b", "a/..b"), ("a\\..\\b", "a\\..\\b"),
  ])
  func `names are normalized`(_ name: String, _ path: String) throws {
    let components = try MemberName.components(of: Array(name.utf8))
    #expect(components.joined(separator: "/") == path)
  }

  @Test(arguments: [
    ("", ArchiveError.Rule.emptyName), ("/", .absoluteName), ("//a", .absoluteName),
    ("..", .parentComponent), ("a/..", .parentComponent), ("./../a", .parentComponent),
    ("a\0", .nulInName), (String(repeating: "é", count: 128), .nameTooLong),
    (String(repeating: "a/", count: 2048), .nameTooLong),
    (String(repeating: "a/", count: 129), .tooDeep),
  ])
  func `an invalid name is rejected by its rule`(_ name: String, _ rule: ArchiveError.Rule) {
    let code = failure { _ = try MemberName.components(of: Array(name.utf8)) }
    #expect(code == .rejected(rule))
  }

  static let rows: [RuleRow] = [
    RuleRow("relative link within", nil, member("d/f"), link("d/l", "../d/f")),
    RuleRow("dangling link within", nil, link("l", "x/../y")),
    RuleRow("link to the root", nil, link("d/l", "..")),
    RuleRow("link out through nothing", .linkEscapes, link("l", "x/../../y")),
    RuleRow(
      "link whose parent is a link", nil, member("a/b/f"), link("l", "a/b"), link("m", "l/..")),
    RuleRow(
      "the link's parent decides, not the text", .linkEscapes, member("a/f"), link("a/l", "../../x")
    ),
    RuleRow(
      "out through a link's parent", .linkEscapes, member("f"), link("d/l", ".."),
      link("m", "d/l/..")),
    RuleRow("allowed absolute target", nil, link("l", "/allowed")),
    RuleRow("another absolute target", .linkEscapes, link("l", "/allowed/more")),
    RuleRow("spelled otherwise", .linkEscapes, link("l", "//allowed")),
    RuleRow(
      "beyond an allowed target", .linkEscapes, link("l", "/allowed"), link("m", "l/../etc")),
    // To Swift a slash followed by a combining mark is another character, to the kernel a slash.
    RuleRow(
      "out behind a name that begins with a mark", .linkEscapes, member("d", .directory),
      member("\u{301}z", .directory), link("l", "d/../\u{301}z/../..")),
    RuleRow("out to a name that begins with a mark", .linkEscapes, link("l", "../\u{301}z")),
    RuleRow(
      "to a name that begins with a mark", nil, member("d/\u{301}z"), link("l", "d/\u{301}z")),
    RuleRow(
      "a link to a name that begins with a mark is followed", .linkEscapes,
      link("d/\u{301}z", ".."), link("l", "d/\u{301}z/..")),
    RuleRow("absolute, to a name that begins with a mark", .linkEscapes, link("l", "/\u{301}z")),
    RuleRow("allowed, and begins with a mark", nil, link("l", "/\u{301}allowed")),
    RuleRow(
      "beyond an allowed one that begins with a mark", .linkEscapes,
      link("l", "/\u{301}allowed"), link("m", "l/etc")),
    RuleRow("allowed in another spelling", .linkEscapes, link("l", "/\u{308}\u{301}")),
    RuleRow("link to itself", .linkLoop, link("l", "l")),
    RuleRow("hard link to a hard link", nil, member("a"), hardLink("b", "a"), hardLink("c", "b")),
    RuleRow(
      "hard link to a link's place", .hardLinkTarget, link("a", "b"), member("b"),
      hardLink("c", "a")),
    RuleRow("hard link out", .hardLinkTarget, member("a"), hardLink("b", "../a")),
    RuleRow("directory after what is in it", nil, member("d/f"), member("d", .directory)),
    RuleRow("file after what is in it", .duplicateName, member("d/f"), member("d")),
    RuleRow(
      "the root twice", nil, member(".", .directory), member("./", .directory), member("a")),
    RuleRow("a directory twice", nil, member("d", .directory), member("d/", .directory)),
    RuleRow("a directory after a file", .duplicateName, member("d"), member("d", .directory)),
    RuleRow("a directory after a link", .duplicateName, link("d", "x"), member("d", .directory)),
    RuleRow("nothing but the root", .noMembers, member("./", .directory)),
    RuleRow("same names in two places", nil, member("a/f"), member("b/f")),
    RuleRow("two directories that fold", nil, member("A/f"), member("a/f")),
    RuleRow("link through a folded name", .collision, link("A", "b"), member("a/f")),
    RuleRow("ligature", .collision, link("\u{FB01}x", "b"), member("fix", .directory)),
    RuleRow("device", .specialFile, member("a", .special)),
    RuleRow("nothing", .noMembers),
  ]

  @Test(arguments: rows)
  func `a sequence of members is accepted, or rejected by its rule`(_ row: RuleRow) {
    var rule = AcceptanceRule(
      UnpackOptions(allowedLinkTargets: ["/allowed", "/\u{301}allowed", "/\u{344}"]))
    let code = failure {
      for member in row.members { _ = try rule.accept(member) }
      try rule.finish()
    }
    #expect(code == row.rule.map { .rejected($0) })
  }

  @Test(
    arguments: [
      (0o644, 0o644), (0o777, 0o755), (0o666, 0o644), (0o000, 0o400), (0o4755, 0o755),
      (0o2750, 0o750),
    ] as [(FileMode, FileMode)])
  func `permission bits are restricted`(_ mode: FileMode, _ permissions: FileMode) throws {
    var rule = AcceptanceRule()
    #expect(try rule.accept(member("f", mode: mode)).last?.permissions == permissions)
    #expect(rule.warnings.isEmpty == (mode & 0o7022 == 0))
  }

  @Test func `removed write permissions are reported once`() throws {
    var rule = AcceptanceRule()
    for (name, mode) in [("a", 0o664), ("b", 0o644), ("c", 0o777), ("d", 0o755)] {
      _ = try rule.accept(member(name, mode: FileMode(mode)))
    }
    _ = try rule.accept(member("dir", .directory, mode: 0o775))
    // Neither has a mode of its own.
    _ = try rule.accept(member("hard", .hardLink(target: Array("a".utf8)), mode: 0o664))
    _ = try rule.accept(member("soft", .symbolicLink(target: Array("a".utf8)), mode: 0o777))
    #expect(
      rule.warnings == [
        "write permission for the group or for others removed from 'a' and 2 more"
      ])
  }

  @Test func `the last entry of a repeated directory counts`() throws {
    var rule = AcceptanceRule()
    _ = try rule.accept(member("d", .directory, mode: 0o755))
    let again = try rule.accept(member("d", .directory, mode: 0o700))
    #expect(again.map(\.permissions) == [0o700])
    try rule.finish()
  }

  @Test(arguments: [
    ([member("app/f"), link("app/l", "../app/f")], ArchiveError.Rule.linkEscapes),
    ([member("app/f"), link("app/d/l", "../f")], nil),
    ([member("app/f"), link("app/d/l", "../logs/../f")], .linkEscapes),
    ([member("app/f"), link("app/l", "../app/f"), member("g")], nil),
    ([member("app", .directory)], .noMembers), ([link("app", "x")], nil),
  ])
  func `a link must not leave a single directory that will be removed`(
    _ members: [Member], _ broken: ArchiveError.Rule?
  ) {
    var options = UnpackOptions(replacedPaths: ["logs"])
    options.stripsSingleDirectory = true
    var rule = AcceptanceRule(options)
    let code = failure {
      for member in members { _ = try rule.accept(member) }
      try rule.finish()
    }
    #expect(code == broken.map { .rejected($0) })
  }

  @Test(arguments: ["/usr/bin/python3", "../../x"])
  func `the error about an escaping link names its target`(_ target: String) {
    do throws(ArchiveError) {
      var rule = AcceptanceRule()
      _ = try rule.accept(link("bin/l", target))
      try rule.finish()
      Issue.record("accepted")
    } catch {
      #expect(error.target == target)
      #expect(error.message() == "member 'bin/l': the link points outside the tree: \(target)")
    }
  }

  @Test func `stripping also applies to the targets of hard links`() throws {
    var rule = AcceptanceRule(UnpackOptions(stripComponents: 1))
    #expect(try rule.accept(member("app", .directory)) == [])
    let file = try #require(try rule.accept(member("app/f")).last)
    let made = try rule.accept(hardLink("app/d/l", "app/f"))
    #expect(made.map(\.place.path) == ["d", "d/l"])
    #expect(made.last?.content == .hardLink(to: file.place))
  }

  @Test(arguments: [
    (member("f"), ArchiveError.Rule.strippedAway),
    (hardLink("app/l", "app"), .hardLinkTarget),
    (hardLink("app/l", "f"), .hardLinkTarget),
    (link("app/l", "../f"), .linkEscapes),
  ])
  func `members that stripping breaks are rejected`(_ member: Member, _ broken: ArchiveError.Rule) {
    var rule = AcceptanceRule(UnpackOptions(stripComponents: 1))
    let code = failure {
      _ = try rule.accept(member)
      try rule.finish()
    }
    #expect(code == .rejected(broken))
  }

  @Test(arguments: [
    (["logs/../secret"], true), (["./logs/./../secret"], true), (["logs/app.log"], false),
    (["logs/old/../app.log"], false), (["var/logs/../x"], false), (["logs/.."], true),
    (["deep/er/../../logs/../x"], true), (["logs"], false),
  ])
  func `a link that points out of a shared path is rejected`(_ targets: [String], _ escapes: Bool) {
    for members in [[], [member("logs", .directory)], [link("logs", "src")]] {
      var rule = AcceptanceRule(UnpackOptions(replacedPaths: ["logs", "deep/er"]))
      let code = failure {
        for member in [member("src", .directory)] + members { _ = try rule.accept(member) }
        for (index, target) in targets.enumerated() {
          _ = try rule.accept(link("l\(index)", target))
        }
        try rule.finish()
      }
      #expect(code == (escapes ? .rejected(.linkEscapes) : nil), "\(members.count)")
    }
  }

  @Test func `a link that leaves a shared path through another link is rejected`() {
    var rule = AcceptanceRule(UnpackOptions(replacedPaths: ["logs"]))
    let code = failure {
      for member in [member("src", .directory), link("a", "logs"), link("src/b", "../a/../x")] {
        _ = try rule.accept(member)
      }
      try rule.finish()
    }
    #expect(code == .rejected(.linkEscapes))
  }

  @Test func `messages can't control a terminal`() {
    let error = ArchiveError(.rejected(.duplicateName), member: Array("a\u{1B}[2J\n\u{202E}b".utf8))
    #expect(error.message() == "member 'a\\u{1b}[2J\\u{a}\\u{202e}b': its name occurs twice")
  }

  @Test func `every rule has its own reason`() {
    let reasons = ArchiveError.Rule.allCases.map { $0.reason(within: UnpackLimits()) }
    #expect(Set(reasons).count == reasons.count)
    for reason in reasons { #expect(reason.first?.isLowercase == true && reason.last != ".") }
  }
}
