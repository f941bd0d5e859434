import Foundation
import Testing

@testable import Archive

struct TruncationTests {
  @Test(arguments: Compressor.allCases)
  func `a tar cut at any byte is refused`(_ compressor: Compressor) throws {
    try expectEveryCutRefused(try compressor.compress(try Corpus.benign("one.tar")))
  }

  @Test(arguments: ["plain.zip", "stored.zip", "streamed.zip"])
  func `a zip cut at any byte is refused`(_ name: String) throws {
    try expectEveryCutRefused(try Corpus.benign(name))
  }

  @Test(arguments: Compressor.allCases)
  func `a cut tar from a pipe is refused`(_ compressor: Compressor) throws {
    try expectCutsFromPipeRefused(try compressor.compress(try Corpus.benign("one.tar")))
  }

  @Test func `a cut zip from a pipe is refused`() throws {
    try expectCutsFromPipeRefused(try Corpus.benign("plain.zip"))
  }

  @Test(arguments: Compressor.allCases)
  func `garbage after the end is refused`(_ compressor: Compressor) throws {
    let data = try compressor.compress(try Corpus.benign("one.tar"))
    let pieces = ["x", "xyz", "four", "fives", "garbage\n", String(repeating: "z", count: 70_000)]
    for garbage in pieces {
      let code = failure { _ = try TestStage().unpack(data + Data(garbage.utf8)) }
      // Here what follows must be another stream, or zeros in fours.
      if compressor == .xz, case .unreadable = code { continue }
      #expect(code == .rejected(.trailingData), "\(garbage.count) bytes")
    }
  }

  @Test(arguments: Compressor.allCases)
  func `zeros after the end are padding`(_ compressor: Compressor) throws {
    let data = try compressor.compress(try Corpus.benign("one.tar"))
    let tree = try TestStage().unpack(data + Data(count: 10_240))
    #expect(tree.fileCount == 1)
  }

  @Test(arguments: Compressor.allCases.filter { $0 != .none })
  func `one wrong byte in a compressed archive is noticed`(_ compressor: Compressor) throws {
    let whole = try Corpus.benign("one.tar")
    let data = try compressor.compress(whole)
    // Without the root, which no member gives a time.
    let right = try TestStage().unpack(data).entries.dropFirst()
    for index in data.indices {
      var damaged = data
      damaged[index] ^= 0x10
      let stage = try TestStage()
      // Some bytes mean nothing, such as the name and time in gzip's header.
      guard let tree = try? stage.unpack(damaged) else { continue }
      #expect(tree.entries.dropFirst().elementsEqual(right), "byte \(index)")
    }
  }

  private func expectEveryCutRefused(_ data: Data) throws {
    let stage = try TestStage()
    #expect(throws: Never.self) { try stage.unpack(data) }
    for length in 0..<data.count {
      let code = failure { _ = try TestStage().unpack(data.prefix(length)) }
      switch code {
      case .truncated, .unreadable: break
      default: Issue.record("cut to \(length) of \(data.count): \(String(describing: code))")
      }
    }
  }

  private func expectCutsFromPipeRefused(_ data: Data) throws {
    for length in stride(from: 0, to: data.count, by: 7) {
      let code = failure { _ = try TestStage().unpackFromPipe(data.prefix(length)) }
      #expect(code != nil, "cut to \(length) of \(data.count)")
    }
  }
}
