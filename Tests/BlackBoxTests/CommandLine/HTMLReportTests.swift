import Foundation
import TestSupport
import Testing

/// `report --html`, checked with an HTML parser.
@Suite struct HTMLReportTests {
  /// Fails for tags that do not match, and for anything that a browser runs or fetches.
  private static let parser = """
    import html.parser, sys
    class Parser(html.parser.HTMLParser):
        stack = []
        def handle_starttag(self, tag, attributes):
            names = {name for name, _ in attributes}
            assert tag not in ("script", "iframe", "object", "embed", "img", "link"), tag
            assert not any(name.startswith("on") or name in ("src", "href") for name in names), names
            if tag not in ("meta", "br"): self.stack.append(tag)
        def handle_startendtag(self, tag, attributes): pass
        def handle_endtag(self, tag): assert self.stack.pop() == tag, tag
    parser = Parser()
    parser.feed(sys.stdin.read())
    parser.close()
    assert not parser.stack, parser.stack
    """

  private func page(_ store: TestStore) throws -> String {
    let text = try store.expectSuccess(["report", "--html", "-"]).output
    let parsed = try Program.run(["python3", "-c", Self.parser], input: Data(text.utf8))
    #expect(parsed.status == 0, "\(parsed.errors)")
    #expect(!text.contains("url(") && !text.contains("@import"))
    return text
  }

  @Test func `a new store has a page`() throws {
    let page = try page(try TestStore())
    #expect(page.contains("live: <strong>nothing</strong>") && page.contains("no releases yet"))
  }

  @Test func `the page shows links, notes and problems`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["pin", "1", "--reason", "audit"])
    try store.expectSuccess(["freeze", "--reason", "migration"])
    try store.write("releases.yaml", "keep: {count: 1, age: 0d}\n")
    let page = try page(store)
    for part in [
      "live: <strong>2</strong>", "rollback target: 1", "frozen since", ": migration",
      "pinned: audit", "bad", "rollback", "<i class=\"caution\"", "newest 1 that were ready",
    ] { #expect(page.contains(part), "\(part)") }
    try store.makeLink("current", to: "releases/1")
    #expect(try self.page(store).contains("current was moved by hand"))
    try store.write("releases.yaml", "keep: [\n")
    #expect(try self.page(store).contains("releases.yaml is invalid"))
  }

  @Test func `a hostile text is escaped`() throws {
    let store = try TestStore()
    let evil = "</td><script>alert(1)</script>'\"&amp;<img src=x onerror=y>\u{1B}[2J"
    let archive = try store.archive(["f": "1"])
    try store.expectSuccess(["deploy", archive, "--id", "1", "--ref", evil])
    try store.expectSuccess(["pin", "1", "--reason", evil])
    try store.expectSuccess(["freeze", "--reason", evil])
    let page = try page(store)
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&#39;&quot;&amp;amp;"))
    #expect(!page.contains("\u{1B}"))
  }

  @Test func `an old page is replaced, and no other file`() throws {
    let store = try TestStore()
    let file = "\(store.directory)/page.html"
    try Data("old".utf8).write(to: URL(fileURLWithPath: file))
    let run = try store.expectSuccess(["report", "--html", file])
    #expect(run.output == "wrote \(file)\n")
    #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
    #expect(try Program.expect(["stat", "-c", "%a", file]).output == "644\n")
    for place in [store.directory, "\(store.directory)/none/page.html", "\(store.path)/current"] {
      try store.makeLink("current", to: "releases/1")
      let refused = try store.run(["report", "--html", place, "--json"])
      #expect(refused.status == 1, "\(place): \(refused)")
      #expect(try refused.json["error"] != nil)
    }
    #expect(try store.names("..") == ["page.html", "store"])
  }
}
