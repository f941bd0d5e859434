internal import Linux

/// The room an unpacking takes and has to leave.
struct RoomDemand: Equatable, Sendable {
  /// What the archive takes at least, in bytes; 0 when nobody knows.
  var archiveBytes: Int64 = 0
  /// What has to stay free, in bytes: `keep.min-free`.
  var reserve: Int64?
  /// What has to stay free, in inodes: `keep.min-free-inodes`.
  var reservedInodes: Int64?

  init(archiveBytes: Int64 = 0, _ keep: Configuration.Keep) {
    self.archiveBytes = archiveBytes
    reserve = keep.minFree?.bytes
    reservedInodes = keep.minFreeInodes.map(Int64.init)
  }

  /// The demand beside what there is.
  func space(_ facts: FileSystemFacts) -> RetentionSpace {
    space(freeBytes: facts.freeBytes, freeInodes: facts.freeInodes)
  }

  func space(freeBytes: Int64, freeInodes: Int64?) -> RetentionSpace {
    let isNone = archiveBytes == 0 && reserve == nil
    return RetentionSpace(
      freeBytes: freeBytes, freeInodes: freeInodes,
      neededBytes: isNone ? nil : archiveBytes.clampedSum(reserve ?? 0),
      neededInodes: reservedInodes)
  }

  /// What a prune is told: only a configured reserve lets it remove releases for want of room that
  /// age would keep.
  var pruneOptions: PruneOptions {
    PruneOptions(neededBytes: reserve.map { archiveBytes.clampedSum($0) })
  }

  /// One sentence on what is free and what is wanted; nil when that is enough.
  func shortage(in space: RetentionSpace) -> String? {
    var lacks: [String] = []
    if let needed = space.neededBytes, space.freeBytes < needed {
      let (free, wanted) = distinctSizes(space.freeBytes, needed)
      lacks.append("\(free) free, \(wanted) wanted \(reason)")
    }
    if let needed = space.neededInodes, let free = space.freeInodes, free < needed {
      lacks.append("\(free) inodes free, \(needed) wanted (keep.min-free-inodes)")
    }
    return lacks.isEmpty ? nil : "too little room: " + lacks.joined(separator: "; ")
  }

  private var reason: String {
    let archive = ByteSize(bytes: archiveBytes)
    return switch (archiveBytes > 0, reserve) {
    case (true, let reserve?):
      "(\(archive) at least for the archive, \(ByteSize(bytes: reserve)) for keep.min-free)"
    case (true, nil): "(at least, for the archive)"
    default: "(keep.min-free)"
    }
  }
}

/// What a prune somebody could type would free.
struct PruneOffer: Equatable, Sendable {
  let command: String
  /// In bytes, as the catalog has it.
  let bytes: Int64
  let inodes: Int64

  fileprivate var amount: String {
    let files = inodes == 1 ? "1 file" : "\(inodes) files"
    return "about \(ByteSize(bytes: bytes)) in \(files)"
  }
}

/// What to type for want of room.
///
/// - Parameters:
///   - offers: the mildest first.
///   - space: nil when nobody knows how much is wanted.
func roomHint(_ offers: [PruneOffer], _ space: RetentionSpace?) -> String {
  let worthwhile = offers.filter { $0.bytes > 0 || $0.inodes > 0 }
  guard let space else {
    guard let offer = worthwhile.first else { return nothingToPrune }
    return "this would free \(offer.amount): \(offer.command)"
  }
  if let offer = worthwhile.first(where: { !space.isShort(afterFreeing: $0.bytes, $0.inodes) }) {
    return "this would free \(offer.amount): \(offer.command)"
  }
  guard let most = worthwhile.last else { return nothingToPrune }
  return "this frees the most, \(most.amount), and is not enough: \(most.command)"
}

private let nothingToPrune =
  "a prune would free nothing: something else has to leave that file system"

/// Both for people, in bytes where they would look the same.
private func distinctSizes(_ one: Int64, _ other: Int64) -> (String, String) {
  let texts = (ByteSize(bytes: one).description, ByteSize(bytes: other).description)
  return texts.0 != texts.1 || one == other ? texts : ("\(one) B", "\(other) B")
}

extension Int64 {
  /// Sizes that people type may be any.
  func clampedSum(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
