import Foundation
import Testing

@testable import Archive

struct TruncationTests {
  @Test(arguments: Compressor.allCases)
  func `a tar truncated at any byte is rejected`(_ compressor: Compressor) throws {
    try expectTruncationRejected(try compressor.compress(try Corpus.benign("one.tar")))
  }

  @Test(arguments: ["plain.zip", "stored.zip", "streamed.zip"])
  func `a zip truncated at any byte is rejected`(_ name: String) throws {
    try expectTruncationRejected(try Corpus.benign(name))
  }

  @Test(arguments: Compressor.allCases)
  func `a truncated tar from a pipe is rejected`(_ compressor: Compressor) throws {
    try expectTruncationFromPipeRejected(try compressor.compress(try Corpus.benign("one.tar")))
  }

  @Test func `a truncated zip from a pipe is rejected`() throws {
    try expectTruncationFromPipeRejected(try Corpus.benign("plain.zip"))
  }

  @Test(arguments: Compressor.allCases)
  func `data after the end is rejected`(_ compressor: Compressor) throws {
    let data = try compressor.compress(try Corpus.benign("one.tar"))
    let pieces = ["x", "xyz", "four", "fives", "garbage\n", String(repeating: "z", count: 70_000)]
    for extra in pieces {
      let code = failure { _ = try TestStage().unpack(data + Data(extra.utf8)) }
      // After an xz stream, only another stream or a multiple of four zeros is valid.
      if compressor == .xz, case .unreadable = code { continue }
      #expect(code == .rejected(.trailingData), "\(extra.count) bytes")
    }
  }

  @Test(arguments: Compressor.allCases)
  func `zeros after the end are accepted as padding`(_ compressor: Compressor) throws {
    let data = try compressor.compress(try Corpus.benign("one.tar"))
    let tree = try TestStage().unpack(data + Data(count: 10_240))
    #expect(tree.fileCount == 1)
  }

  @Test(arguments: Compressor.allCases)
  func `padding is limited to 64 MiB`(_ compressor: Compressor) throws {
    let data = try compressor.compress(try Corpus.benign("one.tar"))
    let code = failure { _ = try TestStage().unpack(data + Data(count: 65 << 20)) }
    #expect(code == .rejected(.trailingData))
  }

  @Test(arguments: Compressor.allCases.filter { $0 != .none })
  func `a wrong byte in a compressed archive is detected`(_ compressor: Compressor) throws {
    let whole = try Corpus.benign("one.tar")
    let data = try compressor.compress(whole)
    // The root is left out, since no member gives it a time.
    let right = try TestStage().unpack(data).entries.dropFirst()
    for index in data.indices {
      var damaged = data
      damaged[index] ^= 0x10
      let stage = try TestStage()
      // Some bytes have no effect, such as the name and time in the header of a gzip.
      guard let tree = try? stage.unpack(damaged) else { continue }
      #expect(tree.entries.dropFirst().elementsEqual(right), "byte \(index)")
    }
  }

  private func expectTruncationRejected(_ data: Data) throws {
    let stage = try TestStage()
    #expect(throws: Never.self) { try stage.unpack(data) }
    for length in 0..<data.count {
      let code = failure { _ = try TestStage().unpack(data.prefix(length)) }
      switch code {
      case .truncated, .unreadable, .unsupported: break
      default: Issue.record("truncated to \(length) of \(data.count): \(String(describing: code))")
      }
    }
  }

  private func expectTruncationFromPipeRejected(_ data: Data) throws {
    for length in stride(from: 0, to: data.count, by: 7) {
      let code = failure { _ = try TestStage().unpackFromPipe(data.prefix(length)) }
      #expect(code != nil, "truncated to \(length) of \(data.count)")
    }
  }
}
