package import Configuration
internal import HostPrograms
package import ReleaseModel
package import ReleaseStore

extension Store {
  /// Where instances may run, the last start first. If the record was lost, the history tells where the last
  /// switch has started one.
  var startedLayouts: [InstanceLayout] {
    instanceFile.read()?.layouts ?? history.lastInstanceSwitch().map { [$0.layout] } ?? []
  }

  /// Records that an instance is started, before it is.
  ///
  /// - Parameters:
  ///   - layout: where it is.
  ///   - environment: what is taken from outside the store.
  /// - Throws: an error when the record can't be written. Then no command would find the instance after
  ///   the configuration was changed.
  func recordStart(
    at layout: InstanceLayout, _ environment: Environment
  ) throws(ReleasesError) {
    let record = InstanceRecord(startedLayouts).starting(at: layout) { other in
      let caller = environment.caller.asking(other.manager)
      return InstanceUnits(other, caller).running?.isEmpty != true
    }
    if let record { try instanceFile.write(record) }
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
      var layout = earlier.layout(running: live),
      !ReleaseInstances(configured, self, environment).listens(live)
    else { return configured }
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
