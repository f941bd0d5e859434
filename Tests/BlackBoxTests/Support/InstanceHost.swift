import Foundation
import Glibc
import TestSupport
import Testing

/// Tests of a store whose service has instances, with a script in place of systemctl and real sockets.
protocol InstanceHost {
  /// A store in which 2 is live and 1 was live before.
  var store: TestStore { get }
}

extension InstanceHost {
  /// An account that every Debian has.
  private static var user: Int { 34 }
  var run: String { "\(store.directory)/run" }

  /// Makes such a store. Its configuration is still to be written; see ``configure(_:)``.
  static func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try FileManager.default.createDirectory(
      atPath: "\(store.directory)/run", withIntermediateDirectories: false)
    return store
  }

  /// Writes the configuration, and gives the store to its owner.
  func configure(_ further: String = "") throws {
    try store.write(
      "releases.yaml",
      """
      service:
        unit: app@
        socket: \(run)/{id}.sock
        live: \(run)/live.sock
      \(further)
      """)
    try store.changeOwner(to: Self.user)
    try Program.expect(["chown", "\(Self.user):\(Self.user)", run])
  }

  /// Makes a host whose systemd runs the instances of these releases, and knows every unit as loaded.
  func host(
    running: [String], stop: String = "exit 0", load: String = "loaded", isRoot: Bool = false,
    starter: String = "disabled", sudo: String? = nil
  ) throws -> [String] {
    var host = PrivateHost(store)
    let lines = running.map { "echo app@\($0).service loaded active running App" }
      .joined(separator: "\n    ")
    try host.replace(
      program: "/usr/bin/systemctl",
      by: """
        case " $* " in
        *" list-units "*)
            \(lines.isEmpty ? ":" : lines);;
        *" show "*)
            while [ "$1" != -- ]; do shift; done
            shift
            for unit; do
                case $unit in *-start.service) enabled=\(starter);; *) enabled=enabled;; esac
                printf 'LoadState=\(load)\\nActiveState=active\\nSubState=running\\nMainPID=0\\nUnitFileState=%s\\n\\n' $enabled
            done;;
        *) \(stop);;
        esac

        """)
    if let sudo { try host.replace(program: "/usr/bin/sudo", by: "\(sudo)\n") }
    return host.launcher(as: isRoot ? nil : Self.user)
  }

  func link(to name: String) { symlink(name, "\(run)/live.sock") }

  func status(_ launcher: [String]) throws -> [String: Any] {
    try store.runCopy(["status", "--json"], launcher: launcher).json
  }

  func codes(_ document: [String: Any]) -> [String] {
    (document["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
  }
}

/// A Unix socket that listens until the value ends.
final class ListeningSocket {
  private let raw: Int32

  init(_ path: String) throws {
    raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, size) }
    }
    try #require(bound == 0 && listen(raw, 8) == 0)
    chmod(path, 0o666)
  }

  deinit { close(raw) }
}
