// swift-tools-version: 6.2

// The targets that run scripts, from the sandbox to a map's simulation, with their tests, and the fuzz targets of a
// whole map, of MessagePack, of the packets of Engine.IO and Socket.IO, and of WebRTC. The C code is checked for
// undefined behaviour, and all code reports its coverage to libFuzzer. scripts/build-sanitized puts this file beside
// links to Sources and Tests and builds it with the address sanitizer.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let coverage = "-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp"
// Without optimization, FuzzMap plays only a few games a second.
let covered: [SwiftSetting] = settings + [.unsafeFlags([coverage, "-O"])]

let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }

var targets: [Target] = [
    .systemLibrary(name: "CLua", pkgConfig: "lua5.1"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CUsrSCTP"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .target(
        name: "CLuaRuntime", dependencies: ["CLua"],
        cSettings: [
            .define("PLR_HARD_MEMORY"),
            .unsafeFlags([
                "-O1", "-fsanitize=undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer",
                "-f\(coverage.dropFirst())",
            ]),
        ]),
    .target(name: "CProcess"),
    .target(name: "ServerMetrics", dependencies: [coreMetrics], swiftSettings: settings),
    .target(name: "LuaSandbox", dependencies: ["CLuaRuntime"], swiftSettings: covered),
    .target(name: "JSONValues", swiftSettings: covered),
    .target(name: "World", dependencies: ["JSONValues"], swiftSettings: covered),
    .target(name: "LuaSyntax", swiftSettings: covered),
    .target(name: "GameRules", dependencies: ["World"], swiftSettings: covered),
    .target(name: "TiledMaps", dependencies: ["CZlib", "JSONValues", "World"], swiftSettings: covered),
    .target(
        name: "GameFolder", dependencies: ["GameRules", "JSONValues", "LuaSyntax", "TiledMaps", "World", yams],
        swiftSettings: covered),
    .target(name: "Wire", dependencies: ["CZlib", "JSONValues", "World", nio("NIOCore")], swiftSettings: covered),
    .target(
        name: "Simulation",
        dependencies: [
            "JSONValues", "World", "GameFolder", "GameRules", "LuaSandbox", "LuaSyntax", "Wire", "CProcess",
            "ServerMetrics", nio("NIOCore"), coreMetrics, histogram,
        ],
        swiftSettings: covered),
    // Only the readers of Engine.IO: everything else needs sockets and TLS.
    .target(
        name: "Transport", dependencies: [nio("NIOCore")], path: "Sources/Transport",
        sources: [
            "Base64.swift", "CloseCode.swift", "EngineIO/EnginePacket.swift", "EngineIO/EnginePayload.swift",
            "WebSocket/UTF8Validator.swift",
        ],
        swiftSettings: covered),
    .target(
        name: "CWebRTC", dependencies: ["COpenSSL", "CUsrSCTP"],
        cSettings: [
            .unsafeFlags([
                "-O1", "-fsanitize=undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer",
                "-f\(coverage.dropFirst())",
            ])
        ],
        linkerSettings: [.linkedLibrary("usrsctp")]),
    // Only what reads the bytes of others, and the table that judges them.
    .target(
        name: "WebRTC", dependencies: ["CWebRTC", "CZlib", "JSONValues", nio("NIOCore")], path: "Sources/WebRTC",
        sources: [
            "SDP", "ICE/HalfOpenPeers.swift", "ICE/ICECredentials.swift", "ICE/PeerAddress.swift",
            "ICE/PeerTable.swift", "ICE/STUNAnswer.swift", "ICE/STUNMessage.swift", "Channels/ChannelOpen.swift",
            "Channels/ChannelReliability.swift",
        ],
        swiftSettings: covered),
    .target(name: "AttackFiles", path: "Tests/AttackFiles", swiftSettings: settings),
    .target(name: "StockLua", path: "Tests/StockLua", swiftSettings: settings),
    // The sanitizer watches each block of malloc, so small blocks don't come from the VM's own region here, and the
    // order of tables as keys, which OrderTests checks, depends on the addresses that malloc gives.
    .testTarget(
        name: "LuaSandboxTests", dependencies: ["AttackFiles", "LuaSandbox", "StockLua"],
        exclude: ["OrderTests.swift"], swiftSettings: settings),
    .testTarget(
        name: "ServerAttackTests",
        dependencies: [
            "AttackFiles", "GameFolder", "GameRules", "JSONValues", "LuaSandbox", "Simulation", "Wire", "World",
        ],
        swiftSettings: settings),
]

// libFuzzer without a main function; scripts/build-sanitized finds it in the compiler's folder.
if let library = Context.environment["FUZZER_LIBRARY"], !library.isEmpty {
    let linkerSettings: [LinkerSetting] = [.unsafeFlags([library, "-lstdc++"])]
    targets += [
        .target(name: "FuzzDriver", path: "Tests/Fuzz/FuzzDriver", swiftSettings: settings),
        .executableTarget(
            name: "FuzzMap",
            dependencies: [
                "CLuaRuntime", "FuzzDriver", "GameFolder", "GameRules", "JSONValues", "LuaSandbox", "Simulation",
                "Wire", "World",
            ], path: "Tests/Fuzz/FuzzMap", swiftSettings: settings, linkerSettings: linkerSettings),
        .executableTarget(
            name: "FuzzMessagePack", dependencies: ["FuzzDriver", "JSONValues", "Wire"],
            path: "Tests/Fuzz/FuzzMessagePack", swiftSettings: settings, linkerSettings: linkerSettings),
        .executableTarget(
            name: "FuzzSocketIO", dependencies: ["FuzzDriver", "JSONValues", "Wire"],
            path: "Tests/Fuzz/FuzzSocketIO", swiftSettings: settings, linkerSettings: linkerSettings),
        .executableTarget(
            name: "FuzzEngineIO", dependencies: ["FuzzDriver", "Transport", nio("NIOCore")],
            path: "Tests/Fuzz/FuzzEngineIO", swiftSettings: settings, linkerSettings: linkerSettings),
        .executableTarget(
            name: "FuzzSTUN", dependencies: ["FuzzDriver", "WebRTC", nio("NIOCore")], path: "Tests/Fuzz/FuzzSTUN",
            swiftSettings: settings, linkerSettings: linkerSettings),
        .executableTarget(
            name: "FuzzSDP", dependencies: ["FuzzDriver", "WebRTC"], path: "Tests/Fuzz/FuzzSDP",
            swiftSettings: settings, linkerSettings: linkerSettings),
        .executableTarget(
            name: "FuzzDCEP", dependencies: ["FuzzDriver", "WebRTC", nio("NIOCore")], path: "Tests/Fuzz/FuzzDCEP",
            swiftSettings: settings, linkerSettings: linkerSettings),
    ]
}

let package = Package(
    name: "sanitized",
    dependencies: [
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: targets
)
