internal import Archive
internal import Linux
internal import ReleaseModel
internal import ReleaseStore

/// Lets a staged release share files with the ready ones, so that it takes less room. Whatever goes
/// wrong with that, the release has its own copy, and is as whole as without.
struct Sharing {
  /// What came of one file.
  enum Verdict {
    case shared
    /// The older release's file is not what its manifest says.
    case changed
    /// There is nothing wrong with the older release's file, but it can't be shared in this way.
    case unsuitable
  }

  /// Shares one file: the older release's, open; the entry of the new release that is like it; the
  /// new release's tree.
  typealias Method = (
    borrowing Descriptor, TreeEntry, borrowing Descriptor
  ) throws(SystemError) -> Verdict

  /// Files that are read in before their turn.
  private static let ahead = 32

  private let store: Store
  /// Newest first.
  private let sources: [ReleaseID]
  private var wanted: WantedFiles
  /// By the release they came from, in bytes.
  private(set) var bytes: [ReleaseID: Int64] = [:]
  /// Releases with files that are not what their manifests say.
  private var modified: [(id: ReleaseID, count: Int)] = []
  private var failure: (count: Int, first: SystemError)?

  /// - Parameter entries: what the new release's tree holds.
  init(_ store: Store, _ snapshot: Snapshot, _ entries: TreeEntries) {
    self.store = store
    sources = snapshot.newestFirst.map(\.id).filter(snapshot.isUsable)
    wanted = WantedFiles(sources.isEmpty ? TreeEntries() : entries)
  }

  /// Looks for each file that has not been shared yet in one release after the other.
  mutating func share(
    _ tree: borrowing Descriptor, by method: Method
  ) throws(ReleasesError) {
    for id in sources where !wanted.isEmpty {
      guard let manifest = try store.manifests.checkedText(of: id) else { continue }
      let matches = wanted.matches(in: manifest)
      // One that is being removed at this moment is no source any more.
      guard !matches.isEmpty, let release = try? store.releases.openDirectory(id.text) else {
        continue
      }
      var unfit = 0
      prefetch(matches.prefix(Self.ahead), of: release)
      for (index, match) in matches.enumerated() {
        prefetch(matches.dropFirst(index + Self.ahead).prefix(1), of: release)
        if !share(match, of: release, id, tree, method) { unfit += 1 }
      }
      if unfit > 0, !modified.contains(where: { $0.id == id }) { modified.append((id, unfit)) }
    }
  }

  /// Without it, the kernel waits for the disk for each page it compares: ten times as long.
  private func prefetch(_ matches: ArraySlice<TreeEntry>, of release: borrowing Descriptor) {
    for match in matches {
      guard let file = try? release.openBeneath(match.path, [.noFollow, .nonBlocking]) else {
        continue
      }
      file.prefetch()
    }
  }

  /// - Returns: whether the older release's file is what its manifest says, as far as was seen.
  private mutating func share(
    _ match: TreeEntry, of release: borrowing Descriptor, _ id: ReleaseID,
    _ tree: borrowing Descriptor, _ method: Method
  ) -> Bool {
    guard case .file(let size, _) = match.content else { return true }
    for entry in wanted.wanted(like: match) {
      do throws(SystemError) {
        let source = try release.openBeneath(match.path, [.noFollow, .nonBlocking])
        let status = try source.status()
        guard status.kind == .file, status.size == size else { return false }
        switch try method(source, entry, tree) {
        case .shared:
          bytes[id, default: 0] += size
          wanted.remove(entry)
        case .changed: return false
        case .unsuitable: return true
        }
      } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
        return false
      } catch {
        failure = ((failure?.count ?? 0) + 1, failure?.first ?? error)
        return true
      }
    }
    return true
  }

  /// What a person should know.
  var warnings: [Notice] {
    var warnings = modified.map { id, count in
      let files = count == 1 ? "a file" : "\(count) files"
      return Notice(
        "not shared with \(files) of \(id) that were modified",
        hint: Hint("see them", command: ["verify", id.text]))
    }
    if let (count, first) = failure {
      let files = count == 1 ? "a file takes its" : "\(count) files take their"
      warnings.append("\(files) full size, because sharing failed: \(first)")
    }
    return warnings
  }
}

// MARK: - Methods

extension Sharing {
  /// Lets the new file use the old one's blocks. What it holds can't change by that: the kernel
  /// compares it all.
  static func blocks(
    _ source: borrowing Descriptor, _ entry: TreeEntry, _ tree: borrowing Descriptor
  ) throws(SystemError) -> Verdict {
    guard case .file(let size, _) = entry.content else { return .unsuitable }
    let target = try tree.openBeneath(entry.path, .noFollow)
    return try target.shareContent(of: source, size: size) ? .shared : .changed
  }
}
