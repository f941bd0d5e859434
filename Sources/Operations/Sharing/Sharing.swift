internal import Archive
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// Lets a staged release share equal files with the ready releases, which saves space. A file that
/// can't be shared keeps its own copy, so a failure costs space but never correctness.
struct Sharing {
  /// How sharing one file ended.
  enum FileResult {
    case shared
    /// The file of the older release differs from its manifest.
    case modified
    /// The file of the older release is unmodified, but can't be shared in this way.
    case unsuitable
  }

  /// Shares one file: receives the open file of the older release, the equal entry of the new
  /// release, and the directory of the new release.
  typealias Method = (
    borrowing Descriptor, TreeEntry, borrowing Descriptor
  ) throws(SystemError) -> FileResult

  /// How many files are read ahead.
  private static let readAhead = 32

  private let store: Store
  /// The releases to share with, newest first.
  private let sources: [ReleaseID]
  private var unshared: UnsharedFiles
  /// How much is shared with each release, in bytes.
  private(set) var bytes: [ReleaseID: Int64] = [:]
  /// The releases with files that differ from their manifests.
  private var modified: [(id: ReleaseID, count: Int)] = []
  private var failure: (count: Int, first: SystemError)?

  /// - Parameters:
  ///   - store: the store.
  ///   - snapshot: the facts about its releases.
  ///   - entries: what the directory of the new release contains.
  init(_ store: Store, _ snapshot: Snapshot, _ entries: TreeEntries) {
    self.store = store
    sources = snapshot.newestFirst.map(\.id).filter(snapshot.isUsable)
    unshared = UnsharedFiles(sources.isEmpty ? TreeEntries() : entries)
  }

  /// Shares the files that have not been shared yet, with one release after the other.
  ///
  /// - Parameters:
  ///   - tree: the directory of the new release.
  ///   - method: how to share one file.
  /// - Throws: an error when a manifest can't be read.
  mutating func share(
    _ tree: borrowing Descriptor, by method: Method
  ) throws(ReleasesError) {
    for id in sources where !unshared.isEmpty {
      guard let manifest = try store.manifests.checkedText(of: id) else { continue }
      let matches = unshared.matches(in: manifest)
      // The release may be removed at this moment.
      guard !matches.isEmpty, let release = try? store.releases.openDirectory(id.text) else {
        continue
      }
      var modifiedCount = 0
      prefetch(matches.prefix(Self.readAhead), of: release)
      for (index, match) in matches.enumerated() {
        prefetch(matches.dropFirst(index + Self.readAhead).prefix(1), of: release)
        if !share(match, of: release, id, tree, method) { modifiedCount += 1 }
      }
      if modifiedCount > 0, !modified.contains(where: { $0.id == id }) {
        modified.append((id, modifiedCount))
      }
    }
  }

  /// Reads files ahead that are still needed. Otherwise the kernel waits for the disk for each page
  /// that it compares, which takes ten times as long.
  private func prefetch(_ matches: ArraySlice<TreeEntry>, of release: borrowing Descriptor) {
    for match in matches where unshared.next(equalTo: match) != nil {
      guard let file = try? release.openBeneath(match.path, [.noFollow, .nonBlocking]) else {
        continue
      }
      file.prefetch()
    }
  }

  /// Shares one file of an older release with all equal files that are left. Each of them is looked at
  /// once, so that the time is proportional to their number.
  ///
  /// - Returns: false when the file of the older release differs from its manifest.
  private mutating func share(
    _ match: TreeEntry, of release: borrowing Descriptor, _ id: ReleaseID,
    _ tree: borrowing Descriptor, _ method: Method
  ) -> Bool {
    guard case .file(let size, _) = match.content, unshared.next(equalTo: match) != nil else {
      return true
    }
    do throws(SystemError) {
      let source = try release.openBeneath(match.path, [.noFollow, .nonBlocking])
      let status = try source.status()
      guard status.kind == .file, status.size == size else { return false }
      while let entry = unshared.next(equalTo: match) {
        switch try method(source, entry, tree) {
        case .shared:
          bytes[id, default: 0] += size
          unshared.removeNext(equalTo: match)
        case .modified: return false
        case .unsuitable: return true
        }
      }
    } catch let error where error.leadsToNothing {
      return false
    } catch {
      failure = ((failure?.count ?? 0) + 1, failure?.first ?? error)
    }
    return true
  }

  /// The warnings for the operator.
  var warnings: [Notice] {
    var warnings = modified.map { id, count in
      let files = count == 1 ? "a modified file" : "\(count) modified files"
      return Notice(
        "can't share \(files) of \(id)",
        hint: Hint("see the differences", command: ["verify", id.text]))
    }
    if let (count, first) = failure {
      let files = count == 1 ? "a file takes its" : "\(count) files take their"
      warnings.append("\(files) full size because sharing failed: \(first)")
    }
    return warnings
  }
}

// MARK: - Methods

extension Sharing {
  /// Lets the new file use the blocks of the old one. The kernel compares both first, so the content
  /// can't change.
  ///
  /// - Throws: `SystemError` when the new file can't be opened or the kernel refuses.
  static func blocks(
    _ source: borrowing Descriptor, _ entry: TreeEntry, _ tree: borrowing Descriptor
  ) throws(SystemError) -> FileResult {
    guard case .file(let size, _) = entry.content else { return .unsuitable }
    let target = try tree.openBeneath(entry.path, .noFollow)
    return try target.shareContent(of: source, size: size) ? .shared : .modified
  }
}
