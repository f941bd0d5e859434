import Foundation
import TestSupport
import Testing

@testable import Archive

struct CorruptionTests {
  @Test(
    arguments: (Corpus.all.benign + Corpus.all.hostile).filter {
      (1..<20_000).contains($0.data.count)
    })
  func `a corrupted archive causes an error or a tree, never a crash or a write outside`(
    _ fixture: Fixture
  ) throws {
    var generator = SeededGenerator(seed: UInt64(fixture.data.count))
    for _ in 0..<20 {
      var data = fixture.data
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = Int.random(in: 0..<data.count, using: &generator)
        data[index] = UInt8.random(in: .min ... .max, using: &generator)
        if fixture.name.hasSuffix(".tar") { repairChecksum(&data, around: index) }
      }
      let stage = try TestStage()
      _ = failure { _ = try stage.unpack(data) }
      try stage.expectNothingElseTouched()
    }
  }

  /// Corrects the checksum of a header, since otherwise most corruption would fail at the first
  /// check.
  private func repairChecksum(_ data: inout Data, around index: Int) {
    let start = index / 512 * 512
    guard start + 512 <= data.count, data[start + 154] == 0 else { return }
    data.replaceSubrange(start + 148..<start + 156, with: Data("        ".utf8))
    let sum = data[start..<start + 512].reduce(0) { $0 + Int($1) }
    let octal = String(sum, radix: 8)
    let text = String(repeating: "0", count: 6 - octal.count) + octal + "\0 "
    data.replaceSubrange(start + 148..<start + 156, with: Data(text.utf8))
  }
}
