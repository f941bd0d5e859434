import Archive
import Configuration
import Foundation
import ReleaseModel
import TestSupport
import Testing

@testable import Operations

@Suite struct UnpackLimitsTests {
  /// Reads the default of a key from the manual page.
  private func documentedDefault(_ key: String) throws -> String {
    let file = Repository.root.appending(path: "man/releases.yaml.5")
    let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix(".It Cm \(key) :") })
    let line = try #require(lines[start...].first { $0.hasPrefix("Default: ") })
    return String(line.dropFirst("Default: ".count).dropLast())
  }

  @Test func `the defaults are those in the manual`() throws {
    let limits = UnpackLimits(Configuration().unpack.limits)
    #expect(limits == UnpackLimits())
    #expect(ByteSize(parsing: try documentedDefault("max-bytes"))?.bytes == limits.bytes)
    #expect(Int(try documentedDefault("max-entries")) == limits.entries)
    #expect(Int(try documentedDefault("max-ratio")) == limits.ratio)
    #expect(Int(try documentedDefault("max-depth")) == limits.depth)
    #expect(Int(try documentedDefault("max-name-length")) == limits.nameLength)
    #expect(ByteSize(parsing: try documentedDefault("max-metadata"))?.bytes == limits.metadata)
    #expect(
      TimeSpan(parsing: try documentedDefault("max-processor-time"))?.seconds
        == Int64(limits.processorTime))
    #expect(
      TimeSpan(parsing: try documentedDefault("max-idle"))?.seconds == Int64(limits.idleTime))
  }

  @Test func `a configured limit replaces its default`() throws {
    let text = """
      unpack: {max-bytes: 1KiB, max-entries: 2, max-ratio: 3, max-depth: 4, max-name-length: 5, \
      max-metadata: 6, max-processor-time: 7s, max-idle: 8s}
      """
    let configuration = try Configuration(parsing: Array(text.utf8), file: "f.yaml")
    var expected = UnpackLimits()
    expected.bytes = 1024
    expected.entries = 2
    expected.ratio = 3
    expected.depth = 4
    expected.nameLength = 5
    expected.metadata = 6
    expected.processorTime = 7
    expected.idleTime = 8
    #expect(UnpackLimits(configuration.unpack.limits) == expected)
  }
}
