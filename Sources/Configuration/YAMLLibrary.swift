internal import CYAML

/// The library that reads `releases.yaml`, which is part of the binary.
package enum YAMLLibrary {
  /// The version of libyaml.
  package static var version: String { String(cString: yaml_get_version_string()) }
}
