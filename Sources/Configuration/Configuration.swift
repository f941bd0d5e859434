package import ReleaseModel

/// What `releases.yaml` says, with the defaults for what it leaves out; see releases.yaml(5).
package struct Configuration: Equatable, Sendable {
  /// Which releases prune keeps.
  package var keep = Keep()
  /// What outlives a release.
  package var shared = Shared()
  /// The systemd unit that runs the live release; for looking only.
  package var service: String?
  /// What runs at the turns of a release's life.
  package var hooks = Hooks()
  /// How a switch is confirmed; nil when nothing is asked.
  package var health: Health?
  /// What an archive may hold.
  package var unpack = Unpack()
  /// What an archive must prove.
  package var trust = Trust()
  /// How trees are checked.
  package var verify = Verify()

  /// The defaults.
  package init() {}
}

extension Configuration {
  /// The retention policy.
  package struct Keep: Equatable, Sendable {
    /// How many of the newest releases stay whatever their age; 1 or more.
    package var count = 3
    /// How long the rest stays.
    package var age = TimeSpan(seconds: 7 * 86_400)
    /// With less free space than this, age does not count.
    package var minFree: ByteSize?
    /// With fewer free inodes than this, age does not count.
    package var minFreeInodes: Int?

    /// The defaults.
    package init() {}
  }

  /// Paths of a release that are links into the store's shared directory. All are relative, made
  /// of plain components, and none is or lies beneath another.
  package struct Shared: Equatable, Sendable {
    /// Made when missing.
    package var directories: [String] = []
    /// Must be there before a release goes live.
    package var files: [String] = []

    /// The defaults.
    package init() {}
  }

  /// How large an archive may become. Nil stands for the default of releases.yaml(5).
  package struct Limits: Equatable, Sendable {
    /// Content of all files, in bytes.
    package var bytes: Int64?
    /// Files, directories and links.
    package var entries: Int?
    /// Bytes out of the archive for each byte of it.
    package var ratio: Int?
    /// Components of a name.
    package var depth: Int?
    /// Of a whole name, in bytes.
    package var nameLength: Int?
    /// Extended headers of one member, in bytes.
    package var metadata: Int64?
    /// Time on the processor for the whole archive, in seconds.
    package var processorTime: Int?
    /// How long unpacking may make no progress, in seconds.
    package var idleTime: Int?

    /// The defaults.
    package init() {}
  }

  /// How archives are unpacked.
  package struct Unpack: Equatable, Sendable {
    /// How a new release takes less room where others hold the same files already.
    package enum Share: String, CaseIterable, Sendable {
      /// Each release has all its files to itself.
      case never
      /// Blocks are shared where the file system can (XFS, btrfs): invisible, and safe to write to.
      case auto
      /// Files are made read-only and are hard links of each other; blocks are shared for the rest.
      case hardlink
    }

    /// How large an archive may become.
    package var limits = Limits()
    /// Leading components taken off each name; 0 or more.
    package var stripComponents = 0
    /// Absolute targets that symbolic links may have.
    package var allowedLinks: [String] = []
    package var share = Share.auto

    /// The defaults.
    package init() {}
  }

  /// What shows where an archive comes from.
  package struct Trust: Equatable, Sendable {
    /// What an archive can't do without.
    package enum Requirement: String, CaseIterable, Sendable {
      case none
      /// Or a signature, which proves more.
      case digest
      /// `allowedSigners` is set.
      case signature
    }

    /// A file of public keys, see ssh-keygen(1), ALLOWED SIGNERS; absolute or relative to the store.
    package var allowedSigners: String?
    /// What signatures must have been made for.
    package var namespace = "release"
    /// A file of keys that sign no more, see ssh-keygen(1), KEY REVOCATION LISTS; absolute or
    /// relative to the store.
    package var revokedKeys: String?
    package var require = Requirement.none

    /// The defaults.
    package init() {}
  }

  /// What the check of a tree leaves out.
  package struct Verify: Equatable, Sendable {
    /// Paths that are no difference, whatever is there.
    package var ignore: [Glob] = []

    /// The defaults.
    package init() {}
  }
}
