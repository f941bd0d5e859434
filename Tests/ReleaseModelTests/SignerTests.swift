import Foundation
import ModelTestSupport
import ReleaseModel
import Testing

@Suite struct SignerTests {
  @Test func `a signer is encoded in camel case and may be absent`() throws {
    var entry = CatalogEntry.sample("1", sequence: 1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let old = try encoder.encode(entry)
    #expect(!String(decoding: old, as: UTF8.self).contains("signer"))
    #expect(try JSONDecoder().decode(CatalogEntry.self, from: old) == entry)
    entry.signer = Signer(
      identity: "a@b", keyType: "ED25519", fingerprint: "SHA256:x", namespace: "release")
    let new = try encoder.encode(entry)
    #expect(
      String(decoding: new, as: UTF8.self).contains(
        #""signer":{"fingerprint":"SHA256:x","identity":"a@b","keyType":"ED25519","#
          + #""namespace":"release"}"#))
    #expect(try JSONDecoder().decode(CatalogEntry.self, from: new) == entry)
  }
}
