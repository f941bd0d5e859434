import Configuration
import Testing

@testable import Operations

@Suite struct SampleConfigurationTests {
  @Test func `the file that init writes changes no default`() throws {
    let configuration = try Configuration(parsing: Array(SampleConfiguration.text.utf8), file: "f")
    #expect(configuration == Configuration())
  }

  @Test func `each setting in it is valid`() throws {
    let lines = SampleConfiguration.text.split(separator: "\n").map { line in
      line.hasPrefix("# ") && !line.hasPrefix("#  ") ? "" : String(line.drop { $0 == "#" })
    }
    let text = lines.joined(separator: "\n")
    let configuration = try Configuration(parsing: Array(text.utf8), file: "f")
    #expect(configuration.service != nil && configuration.hooks.activate != nil)
    #expect(configuration.health != nil && configuration.shared.files == ["config/app.yaml"])
    #expect(configuration.trust != Configuration().trust)
  }

  @Test func `a part of it is valid too`() throws {
    let bytes = Array(SampleConfiguration.text.utf8)
    for count in stride(from: 0, to: bytes.count, by: 7) {
      _ = try Configuration(parsing: Array(bytes.prefix(count)), file: "f")
    }
  }
}
