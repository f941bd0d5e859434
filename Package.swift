// swift-tools-version: 6.0
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Generic types are reached by calls and not by their mangled names, for each of which the
  // runtime would look through all conformances in the binary: with Swift 6.3 a tenth of an
  // activation.
  .unsafeFlags(
    ["-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"],
    .when(configuration: .release)),
]

/// Where the Makefile has put the static ISA-L, which Debian has only as a source; nil for zlib.
let isal = Context.environment["RELEASES_ISAL"]

/// Debian's static archives, in link order. Only what is called gets linked: the formats nobody
/// asks for (and with them libxml2 and ICU) stay out of the binary.
let staticArchives: [LinkerSetting] = [
  .unsafeFlags(
    ["archive", "crypto", "yaml", "z", "zstd", "lzma", "bz2", "lz4", "nettle", "acl"]
      .flatMap { ["-Xlinker", "-l:lib\($0).a"] }
      + (isal.map { ["-Xlinker", "\($0)/libisal.a"] } ?? [])
      + ["-use-ld=lld", "-Xlinker", "--gc-sections"])
]

/// Functions of the C library and the Swift runtime that fail on some hosts, see
/// ReplacedCalls.swift.
let replacedCalls: [LinkerSetting] = [
  .unsafeFlags(
    ["__clone3", "swift_copyAuxiliaryExecutablePath"].flatMap { ["-Xlinker", "--wrap=\($0)"] })
]

/// Nobody debugs the installed binary, and everybody copies it.
let stripped: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--strip-all"], .when(configuration: .release))
]

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: staticArchives)
}

let package = Package(
  name: "releases",
  products: [.executable(name: "releases", targets: ["releases"])],
  targets: [
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CArchive"),
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CISAL"),
    .systemLibrary(name: "CYAML"),
    .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: strict),
    .target(
      name: "Archive",
      dependencies: ["Linux", "CArchive", "CCrypto"] + (isal == nil ? [] : ["CISAL"]),
      swiftSettings: strict + (isal == nil ? [] : [.define("ISAL")])),
    .target(
      name: "ReleaseStore", dependencies: ["Archive", "Linux", "CYAML"], swiftSettings: strict),
    .target(
      name: "ReleasesCLI", dependencies: ["ReleaseStore", "Archive", "Linux"],
      swiftSettings: strict),
    .executableTarget(
      name: "releases", dependencies: ["ReleasesCLI", "Linux"], swiftSettings: strict,
      linkerSettings: staticArchives + replacedCalls + stripped),
    // Started by LinuxTests, since a test can't give up its own rights.
    .executableTarget(
      name: "containment-probe", dependencies: ["Linux"], path: "Tests/ContainmentProbe"),
    // Helpers of tests: temporary directories, and programs that tests run.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    tests("LinuxTests", ["Linux", "containment-probe"]),
    tests("ArchiveTests", ["Archive", "Linux"]),
    tests("ReleaseStoreTests", ["ReleaseStore", "Archive", "Linux"]),
    tests("ReleasesCLITests", ["ReleasesCLI", "ReleaseStore", "Linux"]),
    tests("BlackBoxTests", ["TestSupport"]),
  ]
)
