internal import Linux

/// How to unpack an archive.
package struct UnpackOptions: Hashable, Sendable {
  /// The number of leading components to remove from each name; see `--strip-components` in tar(1).
  package var stripComponents = 0
  /// Whether the caller will remove a directory that has everything else in it, so that no link may
  /// leave it.
  package var stripsSingleDirectory = false
  /// The absolute paths that symbolic links may point to, compared byte for byte.
  package var allowedLinkTargets: [String] = []
  /// The paths that will be replaced by links to other places. No link of the archive may leave
  /// them by "..".
  package var replacedPaths: [String] = []
  /// Whether all files lose their write permissions.
  package var readOnlyFiles = false
  /// Whether an archive is refused on a host that lacks a layer of the sandbox.
  package var requiresSandbox = false
  /// What new files and directories inherit from the stage.
  package var inheritance: Inheritance = []
  /// The limits on the archive.
  package var limits = UnpackLimits()

  package init(
    stripComponents: Int = 0, allowedLinkTargets: [String] = [], replacedPaths: [String] = [],
    readOnlyFiles: Bool = false, limits: UnpackLimits = UnpackLimits()
  ) {
    self.replacedPaths = replacedPaths
    self.stripComponents = stripComponents
    self.readOnlyFiles = readOnlyFiles
    self.allowedLinkTargets = allowedLinkTargets
    self.limits = limits
  }

  /// Whether an archive may be decoded in a sandbox.
  func accepts(_ sandbox: Sandbox.State) -> Bool { !requiresSandbox || sandbox.missing.isEmpty }
}
