internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// The `releases.yaml` that `init` writes for a new store. Every setting in it is a comment, so that
/// the defaults apply until the file is edited.
enum SampleConfiguration {
  /// The names under which people keep a configuration. If one of them exists, none is written.
  private static let names = [
    Layout.configuration, "releases.yml", ".releases.yaml", ".releases.yml",
  ]

  /// Writes the file, unless there is a store or a configuration already.
  ///
  /// An interrupted `init` may leave a part of the file, which is a valid configuration too.
  ///
  /// - Parameters:
  ///   - root: the directory of the store.
  ///   - path: its path, for messages.
  /// - Throws: an error when the file can't be written.
  static func write(to root: borrowing Descriptor, _ path: String) throws(ReleasesError) {
    try withErrorMessage("can't write \(path: path)/\(Layout.configuration)") {
      () throws(SystemError) in
      for name in names + [Layout.control] where try root.statusIfPresent(of: name) != nil {
        return
      }
      do throws(SystemError) {
        try root.writeNewFile(Layout.configuration, Array(text.utf8))
      } catch let error where error.errno == .exists {
        return
      } catch {
        try? root.unlink(Layout.configuration)
        throw error
      }
    }
  }

  /// The text. A line that begins with `# ` and a letter is an explanation; other lines that begin
  /// with `#` are settings.
  static let text = """
    # Configuration of this release store; see: man releases.yaml
    # Uncomment what you need, then run: releases check

    # The unit that runs the live release: 'releases status' shows its state, 'releases logs' its log.
    # To start each release beside the old one and lose no request, see SERVICE in: man releases.yaml
    #service: app

    # The programs that a deployment runs. Without an activate hook, a switch restarts nothing.
    #hooks:
    #  prepare: {run: ./install-dependencies, timeout: 5m}
    #  activate: {run: [sudo, systemctl, restart, app], timeout: 2m}

    # How a switch is confirmed. Without a health check, a release that does not work stays live.
    #health: {url: "http://localhost:8080/health", timeout: 60s}

    # Paths that outlive a release. Each release gets links to the same paths in shared/.
    #shared: {directories: [logs], files: [config/app.yaml]}

    # Which releases are retained besides the live one and the rollback target.
    #keep: {count: 3, age: 7d, min-free: 1GiB}

    # What an archive must prove before it is unpacked.
    #trust: {require: signature, allowed-signers: /etc/releases/allowed_signers}

    """
}
