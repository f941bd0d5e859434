internal import ReleaseModel
internal import ReleaseStore

extension Store {
  /// Where the last switch has left its instance; nil if it has left none, or the end of the history
  /// does not say so.
  func lastInstanceLayout() -> InstanceLayout? {
    history.lastCompletedSwitch()?.instances?.layout
  }
}
