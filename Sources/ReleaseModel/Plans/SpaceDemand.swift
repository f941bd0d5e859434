package import Text

/// The space that an unpack needs, and the space that it must leave free.
package struct SpaceDemand: Equatable, Sendable {
  /// The minimum space that the archive needs, in bytes; 0 when its size is unknown.
  package var archiveBytes: Int64 = 0
  /// How many bytes must remain free (`keep.min-free`); nil for no demand.
  package var reserve: Int64?
  /// How many inodes must remain free (`keep.min-free-inodes`); nil for no demand.
  package var reservedInodes: Int64?

  package init(archiveBytes: Int64 = 0, reserve: Int64?, reservedInodes: Int64?) {
    self.archiveBytes = archiveBytes
    self.reserve = reserve
    self.reservedInodes = reservedInodes
  }

  /// Compares the demand with the free space.
  package func space(freeBytes: Int64, freeInodes: Int64?) -> RetentionSpace {
    let isNone = archiveBytes == 0 && reserve == nil
    return RetentionSpace(
      freeBytes: freeBytes, freeInodes: freeInodes,
      neededBytes: isNone ? nil : archiveBytes.clampedSum(reserve ?? 0),
      neededInodes: reservedInodes)
  }

  /// The options for a prune that makes space. Only a configured reserve removes releases that age
  /// would retain.
  package var pruneOptions: PruneOptions {
    PruneOptions(neededBytes: reserve.map { archiveBytes.clampedSum($0) })
  }

  /// Says in one sentence how much is free and how much is needed; nil when that is enough.
  package func shortage(in space: RetentionSpace) -> Message? {
    var lacks: [Message] = []
    if let needed = space.neededBytes, space.freeBytes < needed {
      let (free, wanted) = distinctSizes(space.freeBytes, needed)
      lacks.append("\(free) free, \(wanted) needed \(reason)")
    }
    if let needed = space.neededInodes, let free = space.freeInodes, free < needed {
      lacks.append("\(free) inodes free, \(needed) needed (keep.min-free-inodes)")
    }
    return lacks.isEmpty ? nil : "out of space: " + lacks.joined(separator: "; ")
  }

  private var reason: String {
    let archive = ByteSize(bytes: archiveBytes)
    return switch (archiveBytes > 0, reserve) {
    case (true, let reserve?):
      "(at least \(archive) for the archive, \(ByteSize(bytes: reserve)) for keep.min-free)"
    case (true, nil): "(at least, for the archive)"
    default: "(keep.min-free)"
    }
  }
}

/// A prune that the operator could run, and how much it would free.
package struct PruneSuggestion: Equatable, Sendable {
  /// The arguments of `releases` for the prune.
  package let command: [String]
  /// How many bytes it would free, as recorded in the catalog.
  package let bytes: Int64
  /// How many inodes it would free.
  package let inodes: Int64

  package init(command: [String], bytes: Int64, inodes: Int64) {
    self.command = command
    self.bytes = bytes
    self.inodes = inodes
  }

  fileprivate var amount: String {
    let files = inodes == 1 ? "1 file" : "\(inodes) files"
    return "about \(ByteSize(bytes: bytes)) in \(files)"
  }
}

extension Hint {
  /// Chooses the prune to suggest when the disk is out of space.
  ///
  /// - Parameters:
  ///   - space: nil when the amount that is needed is unknown.
  ///   - suggestions: the prunes to choose from, the one that removes least first.
  package init(pruneFor space: RetentionSpace?, _ suggestions: [PruneSuggestion]) {
    let worthwhile = suggestions.filter { $0.bytes > 0 || $0.inodes > 0 }
    guard let most = worthwhile.last, let mildest = worthwhile.first else {
      self.init("pruning would free nothing; remove other files from this file system")
      return
    }
    guard let space else {
      self.init("this frees \(mildest.amount)", command: mildest.command)
      return
    }
    if let enough = worthwhile.first(where: { !space.isShort(afterFreeing: $0.bytes, $0.inodes) }) {
      self.init("this frees \(enough.amount)", command: enough.command)
      return
    }
    self.init("this frees the most, \(most.amount), which is not enough", command: most.command)
  }
}

/// Formats two sizes, in bytes if they would otherwise look equal.
private func distinctSizes(_ one: Int64, _ other: Int64) -> (String, String) {
  let texts = (ByteSize(bytes: one).description, ByteSize(bytes: other).description)
  return texts.0 != texts.1 || one == other ? texts : ("\(one) B", "\(other) B")
}

extension Int64 {
  /// Returns the sum, or the largest number if it would overflow: sizes that people type may be
  /// arbitrarily large.
  package func clampedSum(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
