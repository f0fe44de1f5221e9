// swift-tools-version: 6.1

// This is a separate package, so that building the server never builds it. scripts/bench runs it.

import PackageDescription

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "perigee", path: "..")],
    targets: [
        .systemLibrary(name: "CLua51", pkgConfig: "lua5.1", providers: [.apt(["liblua5.1-0-dev"])]),
        .target(name: "CStockLua", dependencies: ["CLua51"]),
        .executableTarget(
            name: "script-speed",
            dependencies: ["CStockLua", .product(name: "LuaSandbox", package: "perigee")],
            path: "Sources/ScriptSpeed"),
    ]
)
