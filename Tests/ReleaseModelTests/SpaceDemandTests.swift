import Testing

@testable import ReleaseStore

@Suite struct RoomDemandTests {
  private func demand(_ archive: Int64, _ reserve: Int64?, _ inodes: Int? = nil) -> RoomDemand {
    var keep = Configuration.Keep()
    keep.minFree = reserve.map { ByteSize(bytes: $0) }
    keep.minFreeInodes = inodes
    return RoomDemand(archiveBytes: archive, keep)
  }

  private func space(_ demand: RoomDemand, free: Int64, inodes: Int64? = nil) -> RetentionSpace {
    demand.space(freeBytes: free, freeInodes: inodes)
  }

  @Test func nothingIsWantedWhereNothingIsKnown() {
    let nothing = demand(0, nil)
    #expect(!space(nothing, free: 0, inodes: 0).isShort())
    #expect(nothing.shortage(in: space(nothing, free: 0, inodes: 0)) == nil)
    #expect(nothing.pruneOptions.neededBytes == nil)
  }

  @Test func archiveAndReserveAddUp() {
    let both = demand(300, 100, 7)
    #expect(!space(both, free: 400, inodes: 7).isShort())
    #expect(space(both, free: 399, inodes: 7).isShort())
    #expect(space(both, free: 400, inodes: 6).isShort())
    #expect(!space(both, free: 400).isShort(), "no limit of inodes")
    #expect(both.pruneOptions.neededBytes == 400)
    #expect(!space(demand(.max, .max), free: .max).isShort(), "sizes that people type")
  }

  @Test func onlyAReserveLetsAgeGo() {
    #expect(demand(300, nil).pruneOptions.neededBytes == nil)
    #expect(demand(300, 0).pruneOptions.neededBytes == 300)
  }

  @Test(
    arguments: [
      (3 << 20, nil, nil, "1.0 MiB free, 3.0 MiB wanted (at least, for the archive)"),
      (0, 2 << 20, nil, "1.0 MiB free, 2.0 MiB wanted (keep.min-free)"),
      (
        3 << 20, 2 << 20, nil,
        "1.0 MiB free, 5.0 MiB wanted (3.0 MiB at least for the archive, 2.0 MiB for keep.min-free)"
      ),
      (0, 1 << 20 + 1, nil, "1048576 B free, 1048577 B wanted (keep.min-free)"),
      (0, nil, 50, "49 inodes free, 50 wanted (keep.min-free-inodes)"),
      (
        0, 2 << 20, 50,
        "1.0 MiB free, 2.0 MiB wanted (keep.min-free); 49 inodes free, 50 wanted"
          + " (keep.min-free-inodes)"
      ),
    ] as [(Int64, Int64?, Int?, String)])
  func saysWhatIsFreeAndWhatIsWanted(
    archive: Int64, reserve: Int64?, inodes: Int?, says: String
  ) {
    let demand = demand(archive, reserve, inodes)
    #expect(
      demand.shortage(in: space(demand, free: 1 << 20, inodes: 49)) == "too little room: " + says)
  }
}

@Suite struct RoomHintTests {
  private let none = PruneOffer(command: "releases prune", bytes: 0, inodes: 0)
  private let some = PruneOffer(command: "releases prune -a", bytes: 1 << 20, inodes: 1)
  private let most = PruneOffer(command: "releases prune -b", bytes: 3 << 20, inodes: 30)

  private func short(by bytes: Int64) -> RetentionSpace {
    RetentionSpace(freeBytes: 0, neededBytes: bytes)
  }

  @Test func namesTheMildestThatDoes() {
    let all = [none, some, most]
    #expect(
      roomHint(all, short(by: 1 << 20))
        == "this would free about 1.0 MiB in 1 file: releases prune -a")
    #expect(
      roomHint(all, short(by: 2 << 20))
        == "this would free about 3.0 MiB in 30 files: releases prune -b")
    #expect(
      roomHint(all, RetentionSpace(freeBytes: 0, freeInodes: 5, neededInodes: 20))
        == "this would free about 3.0 MiB in 30 files: releases prune -b")
  }

  @Test func saysWhenNothingDoes() {
    #expect(
      roomHint([none, some, most], short(by: 4 << 20))
        == "this frees the most, about 3.0 MiB in 30 files, and is not enough: releases prune -b")
    let nothing = "a prune would free nothing: something else has to leave that file system"
    #expect(roomHint([none], short(by: 1)) == nothing)
    #expect(roomHint([], nil) == nothing)
  }

  @Test func namesTheMildestWhereNobodyKnowsHowMuch() {
    #expect(
      roomHint([none, some, most], nil)
        == "this would free about 1.0 MiB in 1 file: releases prune -a")
  }
}
