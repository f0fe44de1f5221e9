// swift-tools-version: 6.2

// The sandbox and its tests alone, its C checked for undefined behaviour. scripts/sanitize puts this file beside links
// to Sources and Tests and builds it with the address sanitizer.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "sanitized",
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.1"),
        .target(
            name: "CLuaRuntime", dependencies: ["CLua"],
            cSettings: [
                .unsafeFlags([
                    "-O1", "-fsanitize=undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer",
                ])
            ]),
        .target(name: "LuaSandbox", dependencies: ["CLuaRuntime"], swiftSettings: settings),
        // The sanitizer watches each block of malloc, so small blocks don't come from the VM's own region here, and the
        // order of tables as keys, which OrderTests is about, is that of the addresses it happens to get.
        .testTarget(
            name: "LuaSandboxTests", dependencies: ["LuaSandbox"], exclude: ["OrderTests.swift"],
            swiftSettings: settings),
    ]
)
