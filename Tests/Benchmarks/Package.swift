// swift-tools-version: 6.2
import PackageDescription

// The C programs are to be as small as they look: static, and without the start of the Swift runtime that SwiftPM links
// into every executable.
let bare: [LinkerSetting] = [.unsafeFlags(["-nostartfiles", "-static-executable"])]

// Measures the built tool from outside, so it depends on nothing of the tool's package.
let package = Package(
  name: "memdump-benchmarks",
  targets: [
    .executableTarget(name: "yardstick", linkerSettings: bare),
    .executableTarget(name: "launch", linkerSettings: bare),
    .executableTarget(name: "mixed-heap"),
    .executableTarget(
      name: "benchmark",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]
    ),
  ],
  swiftLanguageModes: [.v6]
)
