internal import Configuration

extension Configuration {
  /// A configuration with only the programs without which no switch is made.
  var programsOfSwitch: Configuration {
    var part = Configuration()
    part.hooks.activate = hooks.activate
    part.health = health
    return part
  }
}
