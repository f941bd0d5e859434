internal import Archive
internal import Linux
internal import Manifest
internal import Text

/// The files of a new release that an older one may have too: pure book-keeping, no files touched.
struct WantedFiles {
  /// What two files must have in common to be shared.
  private struct Key: Hashable {
    let digest: Digest
    let size: Int64
    let permissions: FileMode

    init?(_ entry: TreeEntry) {
      guard case .file(let size, let digest) = entry.content, size > 0 else { return nil }
      self.digest = digest
      self.size = size
      permissions = entry.permissions
    }
  }

  private var entries: [Key: [TreeEntry]] = [:]
  /// The first digits of the digests: what a line of a manifest is looked through for.
  private let digits: Set<ArraySlice<UInt8>>

  private static let keyword = Array(" sha256digest=".utf8)
  private static let digestDigits = 64
  private static let fewDigits = 12

  /// - Parameter entries: of a tree; what is no file, and files without content, share nothing.
  init(_ entries: some Sequence<TreeEntry>) {
    var digits: Set<ArraySlice<UInt8>> = []
    for entry in entries {
      guard let key = Key(entry) else { continue }
      self.entries[key, default: []].append(entry)
      digits.insert(Array(key.digest.hex.utf8).prefix(Self.fewDigits))
    }
    self.digits = digits
  }

  var isEmpty: Bool { entries.isEmpty }

  /// Those that have the content, size and mode of another release's file.
  func wanted(like found: TreeEntry) -> [TreeEntry] { Key(found).flatMap { entries[$0] } ?? [] }

  /// Forgets one that has been found.
  mutating func remove(_ entry: TreeEntry) {
    guard let key = Key(entry), var same = entries[key] else { return }
    same.removeAll { $0.path.isSameName(as: entry.path) }
    entries[key] = same.isEmpty ? nil : same
  }

  /// The files of a manifest that any of these is like.
  ///
  /// - Parameter manifest: a text whose digest has been checked. Its other lines are not read:
  ///   thousands of releases are soon looked through.
  func matches(in manifest: [UInt8]) -> [TreeEntry] {
    manifest.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.count > Self.keyword.count + Self.digestDigits else { return nil }
      let digest = line.suffix(Self.digestDigits)
      guard digits.contains(digest.prefix(Self.fewDigits)),
        line.dropLast(Self.digestDigits).suffix(Self.keyword.count).elementsEqual(Self.keyword),
        let entry = line.withUnsafeBufferPointer({ Manifest.entry($0[...]) }), let key = Key(entry),
        entries[key] != nil
      else { return nil }
      return entry
    }
  }
}
