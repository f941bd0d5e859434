package import Foundation

/// The repository that the tests were built from.
package enum Repository {
  /// The top of the repository.
  package static let root: URL = {
    // From Tests/TestSupport/Repository.swift to the top.
    var directory = URL(filePath: #filePath)
    for _ in 1...3 { directory.deleteLastPathComponent() }
    return directory
  }()

  /// Returns the path of a file in `Fixtures`.
  package static func fixture(_ name: String) -> String {
    root.appending(path: "Fixtures/\(name)").path
  }
}
