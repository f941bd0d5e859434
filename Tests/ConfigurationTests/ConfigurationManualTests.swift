import Configuration
import Foundation
import ReleaseModel
import TestSupport
import Testing
import Text

/// The manual page is written by hand, so it is compared with what the code accepts.
@Suite struct ConfigurationManualTests {
  private let lines: [String]

  init() throws {
    let file = Repository.root.appending(path: "man/releases.yaml.5")
    let page = try String(contentsOf: file, encoding: .utf8)
    lines = page.components(separatedBy: "\n")
  }

  /// Returns the known keys from the hint about an unknown key.
  private func keys(of section: String) throws -> [String] {
    let text = section.isEmpty ? "zzzzzzzz: 1" : "\(section): {zzzzzzzz: 1}"
    let prefix = "known keys: "
    let hint = try #require(ConfigurationYAMLTests.failure(Array(text.utf8))?.hint?.text.text)
    try #require(hint.hasPrefix(prefix))
    return hint.dropFirst(prefix.count).components(separatedBy: ", ")
  }

  @Test func `the manual describes every section`() throws {
    for key in try keys(of: "") {
      #expect(lines.contains { $0.hasPrefix(".Ss \(key): ") }, "\(key)")
    }
  }

  @Test(arguments: ["keep", "shared", "service", "hooks", "health", "unpack", "trust", "verify"])
  func `the manual describes every key in its section`(section: String) throws {
    let start = try #require(lines.firstIndex { $0.hasPrefix(".Ss \(section): ") })
    let body = lines[(start + 1)...].prefix { !$0.hasPrefix(".Ss ") && !$0.hasPrefix(".Sh ") }
    let described = body.filter { $0.hasPrefix(".It Cm ") }.map { $0.split(separator: " ")[2] }
    let known = try keys(of: section) + (section == "hooks" ? ["run", "timeout"] : [])
    // The service may also be a unit alone.
    #expect(Set(described.map(String.init)).subtracting(["service"]) == Set(known))
  }

  @Test func `every example in the manual is valid`() throws {
    let blocks = lines.split { $0.hasPrefix(".Bd -literal") }.dropFirst()
      .map { $0.prefix { $0 != ".Ed" }.joined(separator: "\n") }
    #expect(blocks.count == 10)
    for block in blocks {
      let failure = ConfigurationYAMLTests.failure(Array(block.utf8))
      #expect(failure == nil, "\(block): \(failure?.message ?? "")")
      let read = try? Configuration(parsing: Array(block.utf8), file: "f.yaml")
      #expect(read != Configuration(), "\(block)")
    }
  }
}
