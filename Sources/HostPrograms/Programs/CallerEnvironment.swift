internal import Linux
package import ReleaseModel

/// What programs of the host get from the caller of this tool.
package struct CallerEnvironment: Sendable {
  /// The caller's environment variables. Hooks and health commands get some of them; see
  /// ``ProgramEnvironment``.
  package var variables: [String: String]
  /// The directories in which programs of the host are looked up.
  package var programDirectories: [String]
  /// The systemd that runs the units of the service.
  package var manager = InstanceLayout.Manager.system

  package init(
    variables: [String: String] = [:], programDirectories: [String] = HostProgram.directories
  ) {
    self.variables = variables
    self.programDirectories = programDirectories
  }

  /// Returns the same for the systemd that runs the instances.
  package func asking(_ manager: InstanceLayout.Manager) -> CallerEnvironment {
    var caller = self
    caller.manager = manager
    return caller
  }
}
