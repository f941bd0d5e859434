/// How to unpack.
package struct UnpackOptions: Hashable, Sendable {
  /// Leading components to take off every name, as tar(1) does.
  package var stripComponents = 0
  /// Absolute paths that symbolic links may name, compared byte for byte.
  package var allowedLinkTargets: [String] = []
  /// Paths in whose place links to somewhere else will stand: no link of the archive may lead out of
  /// one by "..".
  package var replacedPaths: [String] = []
  /// No file is writable, whatever the archive says of it.
  package var readOnlyFiles = false
  /// What the stage passes on to the files and directories that are made in it.
  package var inheritance: Inheritance = []
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
}
