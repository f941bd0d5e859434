internal import HostPrograms
package import ReleaseModel
package import ReleaseStore
internal import Text

extension Store {
  /// Where the last switch has left its instance; nil if it has left none, or the end of the history
  /// does not say so.
  func lastInstanceLayout() -> InstanceLayout? {
    history.lastCompletedSwitch()?.instances?.layout
  }

  /// Returns where the instance of the live release is: as configured, or, if the configuration was
  /// changed since it was started, as an earlier configuration says. Only the next switch applies the
  /// change, so until then nobody may start a second instance of the release beside it.
  ///
  /// - Parameters:
  ///   - live: the live release; nil for none.
  ///   - configured: where the configuration says that instances are.
  ///   - environment: what is taken from outside the store.
  /// - Returns: where it is.
  package func instanceLayout(
    of live: ReleaseID?, _ configured: InstanceLayout, _ environment: Environment
  ) -> InstanceLayout {
    guard let live, let earlier = EarlierInstances(unlike: configured, in: self, environment),
      earlier.running.contains(live)
    else { return configured }
    var layout = earlier.layout
    layout.restarted = configured.restarted
    return layout
  }
}

extension ReleasesError {
  /// Makes the error for a command that would start a second instance of the live release, because the
  /// first one was started by an earlier configuration.
  static func changedInstances(of id: ReleaseID) -> ReleasesError {
    ReleasesError(
      .configuration,
      "the instance of \(id) was started before service.unit or service.socket was changed",
      hint: .applyChangedInstances)
  }
}
