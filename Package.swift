// swift-tools-version: 6.2
import PackageDescription

let upcoming: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// For Tests/run.sh: the library is optimised within the build of the tests, for else these take twice the time. Only the root of a
/// build may have such flags.
let optimised: [SwiftSetting] =
  Context.environment["MEMDUMP_OPTIMISED_TESTS"] == nil
  ? [] : [.unsafeFlags(["-O", "-whole-module-optimization", "-num-threads", "2"])]

let package = Package(
  name: "memdump",
  products: [
    .library(name: "MemDump", targets: ["MemDump"]),
    .library(name: "MemDumpAsync", targets: ["MemDumpAsync"]),
    .executable(name: "memdump", targets: ["memdump"]),
  ],
  traits: [
    .trait(name: "Regex", description: "scan --regex, with PCRE2 (Debian: libpcre2-dev)")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(
      name: "CProcMem",
      cSettings: [.define("CPROCMEM_STEP_KILL", .when(configuration: .debug))]
    ),
    .target(name: "CScanKernels"),
    .target(name: "CDigest"),
    .target(name: "CBuild"),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .target(
      name: "MemDump",
      dependencies: [
        "CProcMem", "CScanKernels", .target(name: "CPCRE2", condition: .when(traits: ["Regex"])),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: upcoming + [.strictMemorySafety()] + optimised
    ),
    // Apart from the library, so that the tool has no part of Swift's concurrency.
    .target(
      name: "MemDumpAsync",
      dependencies: ["MemDump", .product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: upcoming + [.strictMemorySafety()]
    ),
    .executableTarget(
      name: "memdump",
      dependencies: [
        "MemDump", "CDigest", "CBuild",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: upcoming + [.strictMemorySafety()]
    ),
    .executableTarget(name: "target-process", path: "Tests/Fixtures/target-process"),
    .executableTarget(name: "attach-control", path: "Tests/Fixtures/attach-control"),
    .executableTarget(name: "blocked-calls", path: "Tests/Fixtures/blocked-calls"),
    .executableTarget(name: "hung-files", path: "Tests/Fixtures/hung-files"),
    .executableTarget(name: "cxx-objects", path: "Tests/Fixtures/cxx-objects"),
    .executableTarget(name: "allocation-order", path: "Tests/Fixtures/allocation-order"),
    .executableTarget(name: "held-blocks", path: "Tests/Fixtures/held-blocks"),
    .executableTarget(name: "heap-books", path: "Tests/Fixtures/heap-books"),
    .executableTarget(name: "confined", dependencies: ["CProcMem"], path: "Tests/Fixtures/confined"),
    .target(
      name: "MemDumpTestSupport",
      dependencies: ["MemDump", .product(name: "SystemPackage", package: "swift-system")],
      path: "Tests/MemDumpTestSupport", swiftSettings: upcoming + optimised
    ),
    .target(name: "ScanReferences", path: "Tests/ScanReferences", swiftSettings: upcoming + optimised),
    .testTarget(
      name: "MemDumpTests",
      dependencies: [
        "MemDump", "MemDumpTestSupport", "ScanReferences", .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: upcoming
    ),
    .testTarget(
      name: "ProcessTests",
      dependencies: [
        "MemDump", "MemDumpAsync", "MemDumpTestSupport", "ScanReferences", "memdump", "target-process",
        "attach-control", "blocked-calls", "confined", "held-blocks", "heap-books",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: upcoming
    ),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "memdump", "MemDump", "MemDumpTestSupport", "CDigest", "target-process", "attach-control", "cxx-objects",
        "hung-files", "held-blocks", "heap-books", "allocation-order",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Goldens"],
      swiftSettings: upcoming
    ),
  ],
  swiftLanguageModes: [.v6]
)
