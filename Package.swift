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
        .library(name: "LuaSandbox", targets: ["LuaSandbox"]),
    ],
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.1", providers: [.apt(["liblua5.1-0-dev"])]),
        .target(name: "CLuaRuntime", dependencies: ["CLua"]),
        .target(name: "LuaSandbox", dependencies: ["CLuaRuntime"], swiftSettings: settings),
        .target(name: "World", swiftSettings: settings),
        .testTarget(name: "LuaSandboxTests", dependencies: ["LuaSandbox"], swiftSettings: settings),
        .testTarget(name: "WorldTests", dependencies: ["World"], swiftSettings: settings),
    ]
)
