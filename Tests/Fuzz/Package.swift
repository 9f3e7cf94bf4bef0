// swift-tools-version: 6.2
import PackageDescription

/// The fuzz targets, one for each parser of what others wrote, and some for the scan and for texts.
let targets = [
  "maps", "smaps", "status", "manifest", "selector", "size", "core", "scan", "strings", "bytes", "wide",
  "regex",
]

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "memdump", path: "../..", traits: ["Regex"])],
  targets: targets.map { name in
    .executableTarget(
      name: "fuzz-\(name)",
      dependencies: [.product(name: "MemDump", package: "memdump")],
      path: "Sources/\(name)",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]
    )
  },
  swiftLanguageModes: [.v6]
)
