import Configuration
import ReleaseModel
import Testing
import Text

@Suite struct TrustConfigurationTests {
  private func trust(_ text: String) throws -> Configuration.Trust {
    try Configuration(parsing: Array("trust: {\(text)}".utf8), file: "f.yaml").trust
  }

  @Test func `revoked-keys is the path of a file`() throws {
    #expect(try trust("require: none").revokedKeys == nil)
    #expect(try trust("revoked-keys: /etc/revoked").revokedKeys == "/etc/revoked")
    let failure = ConfigurationYAMLTests.failure(Array("trust: {revoked-key: x}".utf8))
    #expect(failure?.hint?.text.text.contains("did you mean 'revoked-keys'?") == true)
  }
}
