package import Configuration
internal import HostPrograms
package import ReleaseModel
package import ReleaseStore

extension Store {
  /// Where the last switch has left its instance; nil if it has left none, or the end of the history
  /// does not say so.
  func lastInstanceLayout() -> InstanceLayout? {
    history.lastCompletedSwitch()?.instances?.layout
  }

  /// Returns where the instance of the live release runs: where the configuration says, or where an
  /// earlier configuration has started it. A change applies to a release that is started later, so no
  /// command may start a second instance of this one.
  ///
  /// - Parameters:
  ///   - live: the live release; nil for none.
  ///   - configured: where the configuration says that instances are.
  ///   - environment: what is taken from outside the store.
  /// - Returns: where it runs; if it does not, what is configured.
  package func runningLayout(
    of live: ReleaseID?, _ configured: InstanceLayout, _ environment: Environment
  ) -> InstanceLayout {
    guard let live, let earlier = EarlierInstances(unlike: configured, in: self, environment),
      earlier.running.contains(live)
    else { return configured }
    var layout = earlier.layout
    layout.restarted = configured.restarted
    return layout
  }

  /// Returns where the instance of the live release runs; nil if the service has no instances.
  ///
  /// - Parameters:
  ///   - live: the live release; nil for none.
  ///   - configuration: the configuration.
  ///   - environment: what is taken from outside the store.
  /// - Returns: where it runs.
  package func runningLayout(
    of live: ReleaseID?, _ configuration: Configuration, _ environment: Environment
  ) -> InstanceLayout? {
    configuration.instances.map { runningLayout(of: live, $0.layout, environment) }
  }
}
