// swift-tools-version: 6.2
import PackageDescription

/// A fuzz target for each parser of what others wrote, one for each pattern, by its name, and one for each other way to look
/// for something.
let parsers = [
  "maps", "smaps", "status", "manifest", "selector", "size", "core", "heap", "mimalloc", "musl", "page-maps", "zend",
  "sockets", "symbols", "symbol-name", "trigger", "needles", "stacks",
  "debug-info", "perf-records", "go", "python", "luajit", "hotspot",
]
let others = ["strings", "bytes", "literals", "wide", "regex", "nginx-pools", "postgres-contexts"]
let patterns = ["ipv4-port", "sockaddr", "ipv4", "ipv6-port", "host-port", "url", "email", "uuid"]

let upcoming: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// `ScanReferences` is a link to that of the tests.
let package = Package(
  name: "fuzz",
  dependencies: [
    .package(name: "memdump", path: "../..", traits: ["Regex"]),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(name: "ScanReferences", path: "ScanReferences", swiftSettings: upcoming),
    .target(
      name: "FuzzSupport", dependencies: [.product(name: "MemDump", package: "memdump"), "ScanReferences"],
      path: "Support", swiftSettings: upcoming),
  ]
    + (parsers + patterns + others).map { name in
      .executableTarget(
        name: "fuzz-\(name)",
        dependencies: [
          "FuzzSupport", "ScanReferences", .product(name: "MemDump", package: "memdump"),
          .product(name: "SystemPackage", package: "swift-system"),
        ],
        path: "Sources/\(name)", swiftSettings: upcoming)
    },
  swiftLanguageModes: [.v6]
)
