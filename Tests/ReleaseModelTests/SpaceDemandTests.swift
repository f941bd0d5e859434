import ReleaseModel
import Testing
import Text

@Suite struct SpaceDemandTests {
  private func demand(_ archive: Int64, _ reserve: Int64?, _ inodes: Int64? = nil) -> SpaceDemand {
    SpaceDemand(archiveBytes: archive, reserve: reserve, reservedInodes: inodes)
  }

  private func space(_ demand: SpaceDemand, free: Int64, inodes: Int64? = nil) -> RetentionSpace {
    demand.space(freeBytes: free, freeInodes: inodes)
  }

  @Test func `an unknown archive without a reserve needs no space`() {
    let nothing = demand(0, nil)
    #expect(!space(nothing, free: 0, inodes: 0).isShort())
    #expect(nothing.shortage(in: space(nothing, free: 0, inodes: 0)) == nil)
    #expect(nothing.pruneOptions.neededBytes == nil)
  }

  @Test func `the sizes of the archive and of the reserve are added`() {
    let both = demand(300, 100, 7)
    #expect(!space(both, free: 400, inodes: 7).isShort())
    #expect(space(both, free: 399, inodes: 7).isShort())
    #expect(space(both, free: 400, inodes: 6).isShort())
    #expect(!space(both, free: 400).isShort(), "the file system has no limit of inodes")
    #expect(both.pruneOptions.neededBytes == 400)
    #expect(!space(demand(.max, .max), free: .max).isShort(), "people may type any size")
  }

  @Test func `only a reserve lets a prune remove releases that age retains`() {
    #expect(demand(300, nil).pruneOptions.neededBytes == nil)
    #expect(demand(300, 0).pruneOptions.neededBytes == 300)
  }

  @Test(
    arguments: [
      (3 << 20, nil, nil, "1.0 MiB free, 3.0 MiB needed (at least, for the archive)"),
      (0, 2 << 20, nil, "1.0 MiB free, 2.0 MiB needed (keep.min-free)"),
      (
        3 << 20, 2 << 20, nil,
        "1.0 MiB free, 5.0 MiB needed (at least 3.0 MiB for the archive, 2.0 MiB for keep.min-free)"
      ),
      (0, 1 << 20 + 1, nil, "1048576 B free, 1048577 B needed (keep.min-free)"),
      (0, nil, 50, "49 inodes free, 50 needed (keep.min-free-inodes)"),
      (
        0, 2 << 20, 50,
        "1.0 MiB free, 2.0 MiB needed (keep.min-free); 49 inodes free, 50 needed"
          + " (keep.min-free-inodes)"
      ),
    ] as [(Int64, Int64?, Int64?, String)])
  func `a shortage states what is free and what is needed`(
    archive: Int64, reserve: Int64?, inodes: Int64?, text: String
  ) {
    let demand = demand(archive, reserve, inodes)
    #expect(
      demand.shortage(in: space(demand, free: 1 << 20, inodes: 49))
        == Message("out of space: " + text))
  }
}

@Suite struct PruneHintTests {
  private let none = PruneSuggestion(command: ["prune"], bytes: 0, inodes: 0)
  private let some = PruneSuggestion(command: ["prune", "-a"], bytes: 1 << 20, inodes: 1)
  private let most = PruneSuggestion(command: ["prune", "-b"], bytes: 3 << 20, inodes: 30)

  private func short(by bytes: Int64) -> RetentionSpace {
    RetentionSpace(freeBytes: 0, neededBytes: bytes)
  }

  @Test func `the hint is the mildest prune that frees enough`() {
    let all = [none, some, most]
    let one = Hint("this frees about 1.0 MiB in 1 file", command: ["prune", "-a"])
    let many = Hint("this frees about 3.0 MiB in 30 files", command: ["prune", "-b"])
    #expect(Hint(pruneFor: short(by: 1 << 20), all) == one)
    #expect(Hint(pruneFor: short(by: 2 << 20), all) == many)
    let inodes = RetentionSpace(freeBytes: 0, freeInodes: 5, neededInodes: 20)
    #expect(Hint(pruneFor: inodes, all) == many)
  }

  @Test func `the hint says when no prune frees enough`() {
    #expect(
      Hint(pruneFor: short(by: 4 << 20), [none, some, most])
        == Hint(
          "this frees the most, about 3.0 MiB in 30 files, which is not enough",
          command: ["prune", "-b"]))
    let nothing: Hint = "pruning would free nothing; remove other files from this file system"
    #expect(Hint(pruneFor: short(by: 1), [none]) == nothing)
    #expect(Hint(pruneFor: nil, []) == nothing)
  }

  @Test func `the hint is the mildest prune when the needed amount is unknown`() {
    #expect(
      Hint(pruneFor: nil, [none, some, most])
        == Hint("this frees about 1.0 MiB in 1 file", command: ["prune", "-a"]))
  }
}
