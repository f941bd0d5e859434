import Foundation
import TestSupport
import Testing

/// The page with the threat model names a test for every claim.
@Suite struct SecurityPageTests {
  private let page: String

  init() throws {
    let file = Repository.root.appending(path: "man/releases-security.7")
    page = try String(contentsOf: file, encoding: .utf8)
  }

  @Test func `every suite that the page names exists`() throws {
    let named = Set(page.matches(of: #/\b[A-Z]\w+Tests\b/#).map { String($0.0) })
      .subtracting(["BlackBoxTests"])
    #expect(named.count > 10)
    let tests = Repository.root.appending(path: "Tests")
    let files = try #require(FileManager.default.enumerator(atPath: tests.path))
    var missing = named
    for case let path as String in files where path.hasSuffix(".swift") {
      let source = try String(contentsOf: tests.appending(path: path), encoding: .utf8)
      missing = missing.filter { !source.contains("struct \($0) ") }
    }
    #expect(missing.isEmpty)
  }

  @Test func `every harness that the page names exists`() throws {
    let named = Set(page.matches(of: #/\bharness/\w+/#).map { String($0.0) })
    #expect(!named.isEmpty)
    for path in named {
      let directory = Repository.root.appending(path: "Tests/\(path)").path
      #expect(FileManager.default.fileExists(atPath: directory), "\(path)")
    }
  }
}
