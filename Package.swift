// swift-tools-version: 6.0
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // The compiler emits calls for generic types instead of their mangled names. For each of these
  // names, the runtime would search all conformances in the binary, which takes a tenth of the
  // time of an activation with Swift 6.3.
  //
  // This pass of Swift 6.3 orders the values that leave an unrolled loop by their addresses in the
  // compiler's memory, which are random, and so the same sources gave different programs. LLVM
  // unrolls such loops, too.
  .unsafeFlags(
    [
      "-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors",
      "-Xllvm", "-sil-disable-pass=loop-unroll",
    ], .when(configuration: .release)),
]

/// Where the Makefile has put the static ISA-L, which Debian has only as a source; nil for zlib.
let isal = Context.environment["RELEASES_ISAL"]

/// Debian's static archives, in link order. Only the functions that are called get linked, so the
/// other formats of libarchive, and with them libxml2 and ICU, stay out of the binary.
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
    ["__clone3", "fstat", "swift_copyAuxiliaryExecutablePath"].flatMap {
      ["-Xlinker", "--wrap=\($0)"]
    })
]

/// Whether the installed binary is position-independent. Its start then crashes if it has a run path,
/// which SwiftPM adds without `--disable-local-rpath`; the Makefile sets both.
let isPositionIndependent = Context.environment["RELEASES_PIE"] != nil

/// Where the linker writes what it has linked, for the notices in the packages; nil for nowhere.
let linkMap = Context.environment["RELEASES_LINK_MAP"]

/// The installed binary is one static file without symbols. These are options of the linker alone,
/// so that the tests are linked with the same compiled modules.
let installed: [LinkerSetting] = [
  .unsafeFlags(
    ["-static-executable", "-l_FoundationCollections", "-l_FoundationCShims"]
      + (isPositionIndependent
        ? ["-Xclang-linker", "-static-pie", "-Xlinker", "--pack-dyn-relocs=relr"] : [])
      + ["-Xlinker", "-T", "-Xlinker", "\(Context.packageDirectory)/Fixtures/discard.ld"]
      + (linkMap.map { ["-Xlinker", "-Map=\($0)"] } ?? [])
      + ["-Xlinker", "--strip-all"], .when(configuration: .release))
]

/// The tests are not optimized: optimizing them takes longer than running them.
let unoptimized: [SwiftSetting] = [.unsafeFlags(["-Onone"], .when(configuration: .release))]

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, swiftSettings: strict + unoptimized,
    linkerSettings: staticArchives)
}

func testSupport(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Tests/\(name)",
    swiftSettings: strict + unoptimized)
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
    // Compares names, prepares text for display and for a shell, masks secrets. Imports nothing.
    .target(name: "Text", swiftSettings: strict),
    // The only target that makes system calls.
    .target(name: "Linux", dependencies: ["CLinux", "Text"], swiftSettings: strict),
    // Reads archives, decides what to accept, and unpacks in a sandboxed worker.
    .target(
      name: "Archive",
      dependencies: ["Linux", "Text", "CArchive", "CCrypto"] + (isal == nil ? [] : ["CISAL"]),
      swiftSettings: strict + (isal == nil ? [] : [.define("ISAL")])),
    // The values of a store and every pure plan. Cannot make a system call.
    .target(name: "ReleaseModel", dependencies: ["Text"], swiftSettings: strict),
    // Joins the model and the system: errors from failed calls, files with a checked owner.
    .target(
      name: "StoreSupport", dependencies: ["ReleaseModel", "Linux", "Text"], swiftSettings: strict),
    // Reads releases.yaml.
    .target(
      name: "Configuration",
      dependencies: ["StoreSupport", "ReleaseModel", "Linux", "Text", "CYAML"],
      swiftSettings: strict),
    // Writes, reads and compares the mtree manifest of a release.
    .target(
      name: "Manifest",
      dependencies: ["StoreSupport", "Archive", "ReleaseModel", "Linux", "Text"],
      swiftSettings: strict),
    // The files of a store: journal, history, catalog, links, manifests, stages.
    .target(
      name: "ReleaseStore",
      dependencies: [
        "Configuration", "Manifest", "StoreSupport", "ReleaseModel", "Archive", "Linux", "Text",
      ], swiftSettings: strict),
    // Runs hooks, health checks, systemctl and ssh-keygen. Knows no store.
    .target(
      name: "HostPrograms",
      dependencies: ["Configuration", "StoreSupport", "ReleaseModel", "Archive", "Linux", "Text"],
      swiftSettings: strict),
    // What the commands do: transactions, recovery, publish, switch, deploy, prune, check.
    .target(
      name: "Operations",
      dependencies: [
        "ReleaseStore", "HostPrograms", "Configuration", "Manifest", "StoreSupport",
        "ReleaseModel", "Archive", "Linux", "Text",
      ], swiftSettings: strict),
    // Gathers a report about a store and its host, without secrets.
    .target(
      name: "Diagnostics",
      dependencies: [
        "ReleaseStore", "HostPrograms", "Configuration", "StoreSupport", "ReleaseModel", "Archive",
        "Linux", "Text",
      ], swiftSettings: strict),
    // Reads command lines; prints help, the man page and completions. Runs nothing.
    .target(
      name: "CommandLineKit", dependencies: ["TerminalUI", "Text"], swiftSettings: strict),
    // Text for terminals and pipes: widths, styles, tables.
    .target(name: "TerminalUI", dependencies: ["Linux", "Text"], swiftSettings: strict),
    // The commands: options, reports, output.
    .target(
      name: "ReleasesCLI",
      dependencies: [
        "CommandLineKit", "TerminalUI", "Operations", "Diagnostics", "ReleaseStore", "HostPrograms",
        "Configuration", "Manifest",
        "StoreSupport", "ReleaseModel", "Archive", "Linux", "Text",
      ], swiftSettings: strict),
    .executableTarget(
      name: "releases", dependencies: ["ReleasesCLI", "Linux"], swiftSettings: strict,
      linkerSettings: staticArchives + replacedCalls + installed),
    // Started by LinuxTests, since a test can't give up its own rights.
    .executableTarget(
      name: "sandbox-probe", dependencies: ["Linux"], path: "Tests/SandboxProbe"),
    // Helpers of tests: temporary directories, and programs that tests run.
    testSupport("TestSupport", []),
    // Values of the model for tests.
    testSupport("ModelTestSupport", ["ReleaseModel"]),
    // A store for tests.
    testSupport("StoreTestSupport", ["ReleaseStore", "ReleaseModel", "Linux", "TestSupport"]),
    tests("TextTests", ["Text", "TestSupport"]),
    tests("LinuxTests", ["Linux", "sandbox-probe"]),
    tests("ArchiveTests", ["Archive", "Linux", "Text", "TestSupport"]),
    tests("ReleaseModelTests", ["ReleaseModel", "TestSupport", "ModelTestSupport"]),
    tests(
      "ConfigurationTests",
      ["Configuration", "StoreSupport", "ReleaseModel", "Linux", "TestSupport"]),
    tests(
      "ManifestTests",
      ["Manifest", "ReleaseModel", "Archive", "Linux", "Text", "TestSupport", "ModelTestSupport"]),
    tests(
      "ReleaseStoreTests",
      [
        "ReleaseStore", "StoreSupport", "ReleaseModel", "Linux", "TestSupport", "ModelTestSupport",
        "StoreTestSupport",
      ]),
    tests(
      "HostProgramsTests",
      [
        "HostPrograms", "Configuration", "StoreSupport", "ReleaseModel", "Linux", "TestSupport",
        "ModelTestSupport",
      ]),
    tests(
      "OperationsTests",
      [
        "Operations", "ReleaseStore", "Configuration", "Manifest", "ReleaseModel", "Archive",
        "Linux", "TestSupport", "ModelTestSupport", "StoreTestSupport",
      ]),
    tests(
      "DiagnosticsTests",
      ["Diagnostics", "ReleaseModel", "Linux", "TestSupport", "StoreTestSupport"]),
    tests("CommandLineKitTests", ["CommandLineKit"]),
    tests("TerminalUITests", ["TerminalUI"]),
    tests(
      "ReleasesCLITests",
      [
        "ReleasesCLI", "CommandLineKit", "TerminalUI", "ReleaseModel", "Linux", "Text",
        "TestSupport", "ModelTestSupport",
      ]),
    tests("BlackBoxTests", ["TestSupport"]),
  ]
)
