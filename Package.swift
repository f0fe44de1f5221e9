// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "perigee",
    products: [
        .library(name: "World", targets: ["World"]),
    ],
    targets: [
        .target(name: "World", swiftSettings: settings),
        .target(name: "Wire", dependencies: ["World"], swiftSettings: settings),
    ]
)
