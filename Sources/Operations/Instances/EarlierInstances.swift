internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// The instances that were started with an earlier configuration.
struct EarlierInstances {
  /// Where they may be, the last start first; at least one place.
  let layouts: [InstanceLayout]
  private let configured: InstanceLayout
  private let store: Store
  private let environment: Environment

  /// Finds out with which configurations instances were started.
  ///
  /// - Parameters:
  ///   - configured: where instances are that are started now. Nil is returned if all are there.
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  init?(unlike configured: InstanceLayout, in store: Store, _ environment: Environment) {
    layouts = store.startedLayouts.filter { $0 != configured }
    if layouts.isEmpty { return nil }
    self.configured = configured
    self.store = store
    self.environment = environment
  }

  /// The releases that have a unit which the configuration no longer has, or that listen at a socket
  /// which it no longer has; empty if systemd can't be asked.
  var running: [ReleaseID] {
    Array(Set(layouts.flatMap { running(at: $0) })).sorted { $0.text < $1.text }
  }

  /// Returns where such an instance runs; nil for none.
  func layout(running id: ReleaseID) -> InstanceLayout? {
    layouts.first { running(at: $0).contains(id) }
  }

  /// Returns the releases of ``running`` whose instances are in one place.
  func running(at layout: InstanceLayout) -> [ReleaseID] {
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
  /// - Parameters:
  ///   - id: the release.
  ///   - waits: whether to wait until they have ended.
  /// - Returns: why it failed, in one line; nil when they have been stopped, or there are none.
  func stop(_ id: ReleaseID, waits: Bool = true) -> Message? {
    var problem: Message?
    for rest in layouts.compactMap({ $0.without(configured) }) {
      let failure = ReleaseInstances(rest, store, environment).stop(
        rest.units(of: id), waits: waits)
      problem = problem ?? failure
    }
    return problem
  }

  /// Points the links that were configured to the one that is configured now, so that a front which still
  /// connects to an old one is served. A failure only causes a warning.
  func pointLinks() {
    for layout in layouts where layout.live != configured.live && isOwn(LiveLink(layout).state) {
      pointLink(of: layout)
    }
  }

  /// Whether a link may be one of this store: another store may have taken its path since.
  private func isOwn(_ link: InstanceOverview.Link) -> Bool {
    switch link {
    case .release(let id): (try? store.hasDirectory(id)) ?? true
    case .elsewhere(let text):
      layouts.contains { other in
        text == other.live || text == other.live.nameComponents.last
          || other.release(ofLinkText: text) != nil
      } || text == configured.live || text == configured.live.nameComponents.last
    case .missing, .noDirectory, .notALink, .unreadable: false
    }
  }

  private func pointLink(of layout: InstanceLayout) {
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
