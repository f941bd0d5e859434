import Foundation
import TestSupport
import Testing

/// `report --html`, checked with an HTML parser.
@Suite struct HTMLReportTests {
  /// Fails for tags that do not match, for anything that a browser runs or fetches, for a style that the
  /// policy of the page does not allow, and for what a screen reader can't name. Prints the IDs of the
  /// headings in their order.
  private static let parser = """
    import base64, hashlib, html.parser, sys
    class Parser(html.parser.HTMLParser):
        stack, headings, labels, ids, policy, style, title = [], [], [], [], "", "", ""
        def handle_starttag(self, tag, attributes):
            names = dict(attributes)
            assert tag not in ("script", "iframe", "object", "embed", "img", "link"), tag
            assert not any(name.startswith("on") or name in ("src", "href", "style") for name in names)
            if tag == "html": assert names["lang"] == "en"
            if tag == "meta" and names.get("http-equiv") == "Content-Security-Policy":
                assert not self.style, "the policy comes first"
                self.policy = names["content"]
            if tag in ("h1", "h2"): self.headings.append((tag, names.get("id")))
            if tag == "th": assert names["scope"] in ("col", "row")
            roles = {"table": "table", "tr": "row", "td": "cell"}
            assert names.get("role") == roles.get(tag, names.get("role"))
            if tag in ("table", "section"): self.labels.append(names["aria-labelledby"])
            if "id" in names: self.ids.append(names["id"])
            if tag not in ("meta", "br"): self.stack.append(tag)
        def handle_startendtag(self, tag, attributes):
            assert "style" not in dict(attributes)
        def handle_endtag(self, tag): assert self.stack.pop() == tag, tag
        def handle_data(self, text):
            if self.stack[-1:] == ["style"]: self.style += text
            if self.stack == ["html", "head", "title"]: self.title += text
    parser = Parser()
    parser.feed(sys.stdin.read())
    parser.close()
    assert not parser.stack, parser.stack
    digest = base64.b64encode(hashlib.sha256(parser.style.encode()).digest()).decode()
    sources = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert parser.policy == sources, parser.policy
    assert parser.title.startswith("Releases of /"), parser.title
    assert len(set(parser.ids)) == len(parser.ids) and set(parser.labels) <= set(parser.ids)
    assert [tag for tag, _ in parser.headings] == ["h1"] + ["h2"] * (len(parser.headings) - 1)
    print(" ".join(name for _, name in parser.headings if name))
    """

  /// Returns the page after it was checked.
  private func page(
    _ store: TestStore, sections: String = "findings live target releases history retention"
  ) throws -> String {
    let text = try store.expectSuccess(["report", "--html", "-"]).output
    let parsed = try Program.run(["python3", "-c", Self.parser], input: Data(text.utf8))
    #expect(parsed.status == 0, "\(parsed.errors)")
    #expect(parsed.output == sections + "\n")
    #expect(!text.contains("url(") && !text.contains("@import"))
    return text
  }

  @Test func `a new store has a page`() throws {
    let page = try page(try TestStore())
    #expect(page.contains("<p class=\"big\">nothing ") && page.contains("no releases yet"))
    #expect(page.contains("<h2 id=\"findings\">1 problem</h2>"))
  }

  @Test func `the page shows links, notes and problems`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    #expect(try page(store).contains("<h2 id=\"findings\">No problems</h2>"))
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["pin", "1", "--reason", "audit"])
    try store.expectSuccess(["freeze", "--reason", "migration"])
    try store.write("releases.yaml", "keep: {count: 1, age: 0d}\n")
    let page = try page(store)
    for part in [
      "<p class=\"big\">2 ", "<p class=\"big\">1 ", "frozen since", ": migration",
      "pinned: audit", ">bad</span>", ">rollback target</span>", "rollback 2 done by ",
      "newest 1 that were ready",
      ">frozen</h2>", "<pre><code>releases --store \(store.path) thaw</code></pre>",
      "<title>Releases of \(store.path) on ",
    ] { #expect(page.contains(part), "\(part)") }
    try store.makeLink("current", to: "releases/1")
    let moved = try self.page(store)
    #expect(moved.contains("current was moved by hand"))
    #expect(moved.contains(">1 problem, frozen</h2>"))
    #expect(moved.contains("<pre><code>releases --store \(store.path) recover</code></pre>"))
    try store.write("releases.yaml", "keep: [\n")
    #expect(try self.page(store).contains("releases.yaml is invalid"))
  }

  @Test func `the page shows an upload and an unconfirmed switch`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write("releases.yaml", "health: {command: 'test -e ../../healthy', timeout: 1m}\n")
    let archive = try Data(contentsOf: URL(filePath: try store.archive(["VERSION": "3"])))
    let upload = try store.start(["unpack", "-", "--id", "3"])
    try upload.write(archive.prefix(40))
    let switching = try store.start(["activate", "2"])
    try store.waitUntil("the page shows both") {
      let page = try store.expectSuccess(["report", "--html", "-"]).output
      return page.contains(#/2 is unconfirmed: waiting for health, \d+ of 60 s, attempt [1-9]/#)
        && page.contains("a release is being unpacked by process \(upload.pid)")
    }
    let page = try page(
      store, sections: "findings running live target releases history retention")
    #expect(page.contains("No problems</h2>") && page.contains(">unconfirmed</span>"))
    #expect(page.contains("<pre><code>releases --store \(store.path) abort</code></pre>"))
    try store.write("healthy", "")
    #expect(switching.end() == 0)
    // The upload can only be published once the switch has given up the lock.
    try upload.write(archive.dropFirst(40))
    #expect(upload.end() == 0)
    _ = try self.page(store)
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
