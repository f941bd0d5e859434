import ModelTestSupport
import Testing

@testable import ReleaseModel

@Suite struct LayoutTests {
  private static let links = [Layout.current, Layout.previous]

  @Test(arguments: links) func `a temporary name is recognized`(link: String) {
    #expect(Layout.isTemporary(Layout.temporaryName(for: link, "0123abcd"), for: Self.links))
  }

  @Test(arguments: [
    "current", ".current", ".current.", ".current.0123abc", ".current.0123abcde",
    ".current.0123abcg", ".current.0123-bcd", "current.0123abcd", "..current.0123abcd",
    ".other.0123abcd", ".current.0123abcd.", ".current.01.3abcd", ".current.0123abcd~",
    ".current.\u{FF10}\u{FF11}ab", ".currents.0123abcd", ".current.0123ABCD",
  ])
  func `no other name is mistaken for a temporary one`(name: String) {
    #expect(!Layout.isTemporary(name, for: Self.links))
  }

  @Test func `the name of a stage's tree in releases differs from all other names`() {
    let stage = "0f3c2a1b-6f1c-11ee-9a3b-0123456789ab-0123abcd"
    let name = Layout.temporaryTree(ofStage: stage)
    #expect(Layout.stage(ofTemporaryTree: name) == stage)
    #expect(ReleaseID(name) == nil, "no release can have that name")
    for other in [
      ".tree.", ".tree.x", ".tree.-0123abcd", ".tree.x-0123abc", ".tree.x-0123abcg", ".tree",
      "tree.x-0123abcd", ".trees.x-0123abcd", ".tree.x.0123abcd",
      ".tree.my-deadbeef", ".tree.backup-20261129", ".tree.a-b-c-d-e-f",
      ".tree.0f3c2a1b-6f1c-11ee-9a3b-0123456789ab-0123abcg",
      ".tree.0f3c2a1b-6f1c-11ee-9a3b-0123456789ab-0123abcd-",
    ] { #expect(Layout.stage(ofTemporaryTree: other) == nil, "\(other)") }
  }

  @Test func `files are named after their release`() {
    #expect(Layout.catalogFile("v1.2") == "v1.2.json")
    #expect(Layout.manifestFile("v1.2") == "v1.2.mtree")
    #expect(Layout.linkText("v1.2") == "releases/v1.2")
  }
}
