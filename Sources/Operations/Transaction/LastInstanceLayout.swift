internal import ReleaseModel
internal import ReleaseStore

extension Store {
  /// Where the last switch has left its instance; nil if it has left none, or the history can't be read.
  func lastInstanceLayout() -> InstanceLayout? {
    var layout: InstanceLayout?
    _ = try? history.visitNewestFirst { entry in
      guard entry.operation.isSwitch, entry.outcome == .done || entry.outcome == .finished else {
        return true
      }
      layout = entry.instances?.layout
      return false
    }
    return layout
  }
}
