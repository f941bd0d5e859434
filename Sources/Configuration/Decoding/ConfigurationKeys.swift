/// The keys of one section of the configuration.
typealias ConfigurationKey = CaseIterable & RawRepresentable<String>

/// The keys of all sections. Decoders can't use any others.
package enum ConfigurationKeys {
  enum Top: String, CaseIterable {
    case keep, shared, service, hooks, health, unpack, trust, verify
  }
  enum Keep: String, CaseIterable {
    case count, age
    case minFree = "min-free"
    case minFreeInodes = "min-free-inodes"
  }
  enum Shared: String, CaseIterable { case directories, files }
  enum Service: String, CaseIterable {
    case unit, socket, live, drain, overlap, rehearsal, manager, memory
  }
  enum Hooks: String, CaseIterable { case prepare, activate, succeeded, failed }
  enum Hook: String, CaseIterable { case run, timeout }
  enum Health: String, CaseIterable {
    case url
    case unixSocket = "unix-socket"
    case command, status, json, body, timeout, interval, successes, restarts
  }
  package enum Unpack: String, CaseIterable {
    case maxBytes = "max-bytes"
    case maxEntries = "max-entries"
    case maxRatio = "max-ratio"
    case maxDepth = "max-depth"
    case maxNameLength = "max-name-length"
    case maxMetadata = "max-metadata"
    case maxProcessorTime = "max-processor-time"
    case maxIdle = "max-idle"
    case maxStall = "max-stall"
    case stripComponents = "strip-components"
    case allowLinks = "allow-links"
    case share, sandbox
  }
  enum Trust: String, CaseIterable {
    case allowedSigners = "allowed-signers"
    case namespace, require
    case revokedKeys = "revoked-keys"
  }
  enum Verify: String, CaseIterable { case ignore }
}
