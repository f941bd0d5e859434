package import ReleaseModel

// The target Configuration reads releases.yaml into ``Configuration``, and rejects everything that
// releases.yaml(5) does not describe, with line and column. It never changes a file and executes
// nothing that the file names. Begin with this file, then read
// Decoding/ConfigurationDecoding.swift.

/// The content of `releases.yaml`, with defaults for missing keys; see releases.yaml(5).
package struct Configuration: Equatable, Sendable {
  /// The retention policy.
  package var keep = Keep()
  /// The paths that all releases share.
  package var shared = Shared()
  /// The systemd units that run whatever release is live, without duplicates; empty for none, and with
  /// ``instances``. Their state is only read; see ``units(of:)``.
  package var services: [String] = []
  /// The instances of the service, one of each release that serves; nil when one service is restarted
  /// with the live release.
  package var instances: Instances?
  /// The hooks that run during the life of a release.
  package var hooks = Hooks()
  /// The health check that confirms a switch; nil for none, which ``instances`` always have: without a
  /// configured one, the socket must accept connections.
  package var health: Health?
  /// How archives are unpacked.
  package var unpack = Unpack()
  /// The proof that archives require, and the keys that are trusted.
  package var trust = Trust()
  /// How releases are verified.
  package var verify = Verify()
  /// What the operator should know although the configuration is valid.
  package var notices: [Notice] = []

  /// Makes the default configuration.
  package init() {}

  /// The first systemd unit that runs the live release; nil for none.
  package var service: String? { services.first }
}

extension Configuration {
  /// The retention policy.
  package struct Keep: Equatable, Sendable {
    /// How many of the newest releases are retained, regardless of their age; 1 or more.
    package var count = 3
    /// How long the other releases are retained.
    package var age = TimeSpan(seconds: 7 * 86_400)
    /// The free space to preserve. While less is free, releases are removed before they reach `age`.
    package var minFree: ByteSize?
    /// The number of free inodes to preserve; see ``minFree``.
    package var minFreeInodes: Int?

    package init() {}
  }

  /// The paths in a release that are links into the store's shared directory. All are relative and
  /// consist of plain components; none equals or lies beneath another.
  package struct Shared: Equatable, Sendable {
    /// The directories, which are made when they are missing.
    package var directories: [String] = []
    /// The files, which must exist before a release goes live.
    package var files: [String] = []

    package init() {}
  }

  /// The limits for an archive. Nil stands for the default in releases.yaml(5).
  package struct Limits: Equatable, Sendable {
    /// The maximum size of all files in bytes.
    package var bytes: Int64?
    /// The maximum number of files, directories and links.
    package var entries: Int?
    /// The maximum ratio of unpacked to packed bytes.
    package var ratio: Int?
    /// The maximum number of components in a name.
    package var depth: Int?
    /// The maximum length of a name in bytes.
    package var nameLength: Int?
    /// The maximum size of one member's extended headers in bytes.
    package var metadata: Int64?
    /// The maximum processor time for the whole archive in seconds.
    package var processorTime: Int?
    /// The maximum time without progress in seconds.
    package var idleTime: Int?
    /// The maximum time for which the sender of an archive may pause, in seconds.
    package var stallTime: Int?

    package init() {}
  }

  /// How archives are unpacked.
  package struct Unpack: Equatable, Sendable {
    /// How a new release shares the files that it has in common with other releases.
    package enum Share: String, CaseIterable, Sendable {
      /// Each release has its own copies.
      case never
      /// Files share their blocks if the file system supports this (XFS, btrfs). They remain
      /// independent, so that writing to one does not change another.
      case auto
      /// Files become read-only hard links, or share their blocks if that is not possible.
      case hardlink
    }

    /// What happens on a host that lacks layers of the sandbox.
    package enum SandboxRequirement: String, CaseIterable, Sendable {
      /// Archives are unpacked in the layers that the host has, with a warning.
      case available
      /// Archives are refused.
      case required
    }

    package var limits = Limits()
    package var sandbox = SandboxRequirement.available
    /// How many leading components are removed from each name, 0 or more; nil when the key is
    /// missing or `auto`.
    package var stripComponents: Int?
    /// Whether the directory that has everything else in it is removed (`auto`).
    package var stripsSingleDirectory = false
    /// The absolute targets that symbolic links may have.
    package var allowedLinks: [String] = []
    package var share = Share.auto

    package init() {}
  }

  /// The proof that archives require, and the keys that are trusted.
  package struct Trust: Equatable, Sendable {
    /// The proof that an archive requires.
    package enum Requirement: String, CaseIterable, Sendable {
      case none
      /// A digest, or a signature, which proves more.
      case digest
      /// A signature. Requires that `allowedSigners` is set.
      case signature
    }

    /// The file with the public keys, absolute or relative to the store; see ssh-keygen(1), ALLOWED
    /// SIGNERS.
    package var allowedSigners: String?
    /// The namespace that signatures must have; see `ssh-keygen -Y sign -n`.
    package var namespace = "release"
    /// The file with the revoked keys, absolute or relative to the store; see ssh-keygen(1), KEY
    /// REVOCATION LISTS.
    package var revokedKeys: String?
    package var require = Requirement.none

    package init() {}
  }

  /// How releases are verified.
  package struct Verify: Equatable, Sendable {
    /// The paths whose differences are ignored.
    package var ignore: [Glob] = []

    package init() {}
  }
}
