// swift-tools-version: 6.2
import PackageDescription

/// The fuzz targets, one for each parser of what others wrote, one for the scan and one for texts.
let targets = ["maps", "smaps", "status", "manifest", "selector", "size", "core", "scan", "strings"]

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "memdump", path: "../..")],
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
