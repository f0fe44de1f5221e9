// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "perigee",
    products: [
        .library(name: "World", targets: ["World"]),
        .library(name: "LuaSandbox", targets: ["LuaSandbox"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.1", providers: [.apt(["liblua5.1-0-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CLuaRuntime", dependencies: ["CLua"]),
        .target(name: "LuaSandbox", dependencies: ["CLuaRuntime"], swiftSettings: settings),
        .target(name: "World", swiftSettings: settings),
        .target(
            name: "GameFolder", dependencies: ["World", "CZlib", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(name: "Wire", dependencies: ["World"], swiftSettings: settings),
        .target(
            name: "Simulation", dependencies: ["World", "GameFolder", "LuaSandbox", "Wire", nioCore, histogram],
            swiftSettings: settings),
    ]
)
