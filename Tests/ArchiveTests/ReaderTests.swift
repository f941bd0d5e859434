import Foundation
import Linux
import TestSupport
import Testing

@testable import Archive

struct ReaderTests {
  @Test(
    arguments: [
      ([[1, 2]], 2, 2), ([[1, 0]], 1, 2), ([[0, 0]], 0, 2), ([[1, 0], [0]], 1, 3),
      ([[1], [0, 3, 0], []], 3, 4), ([], 0, 0),
    ] as [([[UInt8]], Int64, Int64)])
  func `the tail begins after the last byte that is not zero`(
    _ blocks: [[UInt8]], _ start: Int64, _ count: Int64
  ) {
    var tail = ZeroTail()
    for block in blocks { block.withUnsafeBytes { tail.append($0) } }
    #expect(tail.start == start && tail.count == count)
  }

  @Test(
    arguments: [
      (0, 1024, nil), (0, 1023, .truncated), (1024, 1024, .truncated), (1, 3000, nil),
      (2, 3000, nil), (3, 3000, .rejected(.trailingData)),
    ] as [(Int64, Int64, ArchiveError.Code?)])
  func `the end marker is two blocks of zeros`(
    _ lastByte: Int64, _ count: Int64, _ code: ArchiveError.Code?
  ) {
    var bytes = [UInt8](repeating: 0, count: Int(count))
    if lastByte > 0 { bytes[Int(lastByte) - 1] = 1 }
    var tail = ZeroTail()
    bytes.withUnsafeBytes { tail.append($0) }
    let end: Int64 = lastByte == 1024 ? 1024 : lastByte > 2 ? 2 : lastByte
    #expect(failure { try tail.check(from: end, marker: 1024) } == code)
  }

  @Test func `a window contains the kept bytes and the last block`() {
    let stream = (0..<40).map { UInt8($0) }
    var window = StreamWindow()
    stream.withUnsafeBytes { bytes in
      for (start, keep) in [(0, 0), (10, 4), (20, 18), (30, 30)] {
        window.retire(keepingFrom: Int64(keep))
        window.append(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 10]))
        #expect(
          window.bytes(start + 10 - keep, at: Int64(keep)) == Array(stream[keep..<start + 10]))
        #expect(window.bytes(1, at: Int64(keep) - 1) == nil)
        #expect(window.bytes(2, at: Int64(start) + 9) == nil)
      }
    }
  }

  /// The gzip has members of several sizes, including empty ones.
  @Test func `every member of a gzip is checked`() throws {
    let tar = try Corpus.benign("plain.tar")
    var pieces: [Data] = []
    for range in [0..<0, 0..<1, 1..<700, 700..<700, 700..<tar.count] {
      pieces.append(try Compressor.gzip.compress(tar.subdata(in: range)))
    }
    #expect(throws: Never.self) { try TestStage().unpack(Data(pieces.joined())) }
    for index in [1, 2, 4] {
      for offset in 1...8 {
        var damaged = pieces
        damaged[index][damaged[index].count - offset] ^= 1
        let code = failure { _ = try TestStage().unpack(Data(damaged.joined())) }
        let message = "the deflated data is corrupt: incorrect checksum or length"
        #expect(code == .unreadable(message), "\(index) \(offset)")
      }
    }
  }

  @Test(arguments: Compressor.allCases.filter { $0 != .none })
  func `a second stream truncated at any byte is rejected`(_ compressor: Compressor) throws {
    let data = try compressor.compress(try Corpus.benign("one.tar"))
    for length in 1..<data.count {
      let code = failure { _ = try TestStage().unpack(data + data.prefix(length)) }
      #expect(code != nil, "truncated to \(length) of \(data.count)")
    }
  }

  @Test func `an archive that is compressed twice is rejected`() throws {
    let data = try Compressor.xz.compress(Compressor.xz.compress(try Corpus.benign("one.tar")))
    let code = failure { _ = try TestStage().unpack(data) }
    #expect(code == .unsupported(.compressedTwice))
  }

  @Test func `lz4's legacy format is rejected`() throws {
    let data = try run(["lz4", "-l", "-c"], input: try Corpus.benign("one.tar"))
    let code = failure { _ = try TestStage().unpack(data) }
    #expect(code == .unsupported(.legacyLZ4))
  }

  /// Some pipes deliver few bytes at a time.
  @Test(arguments: Compressor.allCases)
  func `the size of reads makes no difference`(_ compressor: Compressor) throws {
    let directory = try TemporaryDirectory()
    let file = directory.url.appending(path: "archive")
    let data = try compressor.compress(try Corpus.benign("one.tar"))
    try (data + data).write(to: file)
    for size in [11, 13, 64, 511, 513] {
      let input = try RawInput(try Descriptor.open(file.path), bufferSize: size)
      let stream = try openStream(input)
      while try !stream.nextBlock().isEmpty {}
      #expect(throws: Never.self, "\(size)") { try stream.finish() }
    }
  }

  /// libarchive reads `errno` where it has not set it.
  @Test func `an errno left by an earlier call is ignored`() throws {
    let fixture = try #require(Corpus.all.hostile.first { $0.name == "nameNotUTF8-latin-pax.tar" })
    let stage = try TestStage()
    let file = stage.parent.url.appending(path: "archive")
    try fixture.data.write(to: file)
    let reader = try TarReader(try RawInput(try Descriptor.open(file.path)))
    errno = ENOMEM
    #expect(failure { while try reader.next() != nil {} } == nil)
  }
}
