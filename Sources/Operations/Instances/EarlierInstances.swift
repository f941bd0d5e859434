internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// The instances that an earlier switch has started with another configuration.
struct EarlierInstances {
  /// Where that switch has left them.
  let layout: InstanceLayout
  private let configured: InstanceLayout
  private let store: Store
  private let environment: Environment

  /// Finds out with which configuration the last switch was made.
  ///
  /// - Parameters:
  ///   - configured: where the instances of the next switch are. Nil is returned if that is the same.
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  init?(unlike configured: InstanceLayout, in store: Store, _ environment: Environment) {
    guard let layout = store.lastInstanceLayout(), layout != configured else { return nil }
    self.layout = layout
    self.configured = configured
    self.store = store
    self.environment = environment
  }

  /// The releases that have a unit which the configuration no longer has, or that listen at a socket
  /// which it no longer has; empty if systemd can't be asked.
  var running: [ReleaseID] {
    if layout.hasSameInstances(as: configured) { return [] }
    let all = (try? ReleaseInstances(layout, store, environment).ownRunning()) ?? []
    let rest =
      layout.without(configured)
      .flatMap { try? ReleaseInstances($0, store, environment).ownRunning() } ?? []
    let moved = all.filter { id in
      layout.socket(of: id) != configured.socket(of: id)
        && !isListening(configured.socket(of: id)) && isListening(layout.socket(of: id))
    }
    return rest.union(moved).sorted { $0.text < $1.text }
  }

  private func isListening(_ socket: String) -> Bool {
    let isForOwner = (try? store.ownership())?.isOfThisUser ?? false
    return InstanceOverview.isListening(socket, isForOwner: isForOwner) ?? false
  }

  /// Stops the units of a release that the configuration no longer has.
  ///
  /// - Returns: why it failed, in one line; nil when they have been stopped, or there are none.
  func stop(_ id: ReleaseID) -> Message? {
    guard let rest = layout.without(configured) else { return nil }
    return ReleaseInstances(rest, store, environment).stop(rest.units(of: id))
  }

  /// Points the link that was configured to the one that is configured now, so that a front which still
  /// connects to the old one is served. A failure only causes a warning.
  func pointLink() {
    guard layout.live != configured.live else { return }
    do throws(ReleasesError) {
      guard try LiveLink(layout).point(to: LiveLink(configured)) else { return }
    } catch {
      environment.observer.warn(Notice(error))
      return
    }
    environment.observer.warn(
      Notice(
        "service.live has changed: \(path: layout.live) points to \(path: configured.live) now,"
          + " but only until the next boot",
        hint: Hint(
          "let the front connect to \(path: configured.live), then remove the old link",
          shell: "rm \(layout.live.shellQuoted)")))
  }
}
