// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
func nioExtras(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio-extras") }

let package = Package(
    name: "perigee",
    products: [
        .executable(name: "perigee", targets: ["perigee"]),
        .library(name: "World", targets: ["JSONValues", "World"]),
        .library(name: "LuaSandbox", targets: ["LuaSandbox"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CEditLine", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
        .systemLibrary(
            name: "CMarkdown", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .systemLibrary(name: "CLua", pkgConfig: "lua5.1", providers: [.apt(["liblua5.1-0-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        // Not by pkg-config: SwiftPM warns about flags that it gives. CWebRTC names the library for the linker.
        .systemLibrary(name: "CUsrSCTP", providers: [.apt(["libusrsctp-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CLuaRuntime", dependencies: ["CLua"], linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CProcess"),
        .target(
            name: "CWebRTC", dependencies: ["COpenSSL", "CUsrSCTP"],
            linkerSettings: [.linkedLibrary("usrsctp")]),
        .target(name: "ServerMetrics", dependencies: [coreMetrics], swiftSettings: settings),
        .target(name: "LuaSandbox", dependencies: ["CLuaRuntime"], swiftSettings: settings),
        .target(
            name: "ScriptRunner", dependencies: ["CEditLine", "CProcess", "JSONValues", "LuaSandbox", "Simulation"],
            swiftSettings: settings),
        // Rounding calls functions of libm. In a program without Foundation nothing else links libm.
        .target(name: "JSONValues", swiftSettings: settings, linkerSettings: [.linkedLibrary("m")]),
        .target(name: "World", dependencies: ["JSONValues"], swiftSettings: settings),
        .target(name: "LuaSyntax", swiftSettings: settings),
        .target(name: "Cluster", dependencies: ["Storage"], swiftSettings: settings),
        .target(name: "GameRules", dependencies: ["World"], swiftSettings: settings),
        .target(name: "TiledMaps", dependencies: ["CZlib", "JSONValues", "World"], swiftSettings: settings),
        .target(
            name: "GameFolder", dependencies: ["GameRules", "JSONValues", "LuaSyntax", "TiledMaps", "World", yams],
            swiftSettings: settings),
        .target(
            name: "ScriptCheck",
            dependencies: ["GameFolder", "GameRules", "JSONValues", "LuaSyntax", "Simulation", "World"],
            swiftSettings: settings),
        .target(name: "Wire", dependencies: ["CZlib", "JSONValues", "World", nio("NIOCore")], swiftSettings: settings),
        .target(
            name: "Simulation",
            dependencies: [
                "JSONValues", "World", "GameFolder", "GameRules", "LuaSandbox", "LuaSyntax", "ServerMetrics", "Wire",
                "CProcess", coreMetrics, nio("NIOCore"), histogram,
            ],
            swiftSettings: settings),
        .target(
            name: "Recording",
            dependencies: ["GameFolder", "JSONValues", "LuaSandbox", "Simulation", "Wire", "World"],
            swiftSettings: settings),
        .target(
            name: "ScriptTest",
            dependencies: [
                "JSONValues", "Simulation", "GameFolder", "GameRules", "LuaSandbox", "Wire", "World",
            ],
            swiftSettings: settings),
        .target(
            name: "Storage",
            dependencies: [
                "JSONValues", "ServerMetrics", "World", coreMetrics, grdb, grdbSQLite, logging, serviceLifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "PostgresStorage",
            dependencies: ["Cluster", "CPostgreSQL", "JSONValues", "Storage", "World", coreMetrics],
            swiftSettings: settings),
        .target(
            name: "Transport",
            dependencies: [
                "CMalloc", "JSONValues", "ServerMetrics", "Wire", coreMetrics, logging, nio("NIOCore"),
                nio("NIOHTTP1"), nio("NIOPosix"), nio("NIOWebSocket"), nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "WebRTC",
            dependencies: [
                "CWebRTC", "CZlib", "JSONValues", "Transport", "Wire", coreMetrics, nio("NIOCore"), nio("NIOPosix"),
            ],
            swiftSettings: settings),
        .target(
            name: "ConformanceEcho",
            dependencies: [
                "JSONValues", "Transport", "WebRTC", "Wire", logging, nio("NIOCore"), nio("NIOHTTP1"),
                nio("NIOPosix"),
            ],
            swiftSettings: settings),
        .target(
            name: "Gateway",
            dependencies: [
                "CPanelFiles", "CProcess", "CSodium", "GameFolder", "GameRules", "JSONValues", "ServerMetrics",
                "Simulation", "Storage", "Transport", "WebRTC", "Wire", "World", coreMetrics, httpTypes, hummingbird,
                hummingbirdCore, logging, serviceLifecycle, nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"),
                nioExtras("NIOHTTPTypes"), nioExtras("NIOHTTPTypesHTTP1"),
            ],
            swiftSettings: settings),
        .target(
            name: "OperatorAPI",
            dependencies: ["JSONValues", "Storage", nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"), nioSSL],
            swiftSettings: settings),
        // Puts the files of the panel's pages, of the built-in viewer and of /net/ into the program, so that it is one
        // file that runs anywhere.
        .target(name: "CPanelFiles", exclude: ["files", "net", "viewer"]),
        // The same for docs/, for the help.
        .target(name: "CHelpFiles"),
        .target(
            name: "AdminPanel",
            dependencies: [
                "CHelpFiles", "CMarkdown", "CPanelFiles", "GameFolder", "GameRules", "Gateway", "JSONValues",
                "LuaSyntax", "OperatorAPI", "ScriptCheck", "ScriptTest", "Simulation", "Storage", "World", httpTypes,
                hummingbird, logging, serviceLifecycle, nio("NIOCore"), nio("NIOPosix"),
            ],
            swiftSettings: settings),
        .target(
            name: "Bench",
            dependencies: [
                "CProcess", "JSONValues", "OperatorAPI", "WebRTC", "World", histogram, nio("NIOCore"),
                nio("NIOHTTP1"), nio("NIOPosix"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "perigee",
            dependencies: [
                "AdminPanel", "Bench", "CProcess", "ConformanceEcho", "GameFolder", "GameRules", "Gateway",
                "JSONValues", "LuaSandbox", "OperatorAPI", "PostgresStorage", "Recording", "ScriptCheck",
                "ScriptRunner",
                "ScriptTest", "Simulation", "Storage", "Transport", "WebRTC", "Wire", "World", argumentParser, logging,
                nio("NIOCore"),
                nio("NIOPosix"), serviceLifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        // Counts the allocations of ticks and script calls; scripts/counts runs it. It is not in
        // Benchmarks/Package.swift, because other packages can't import Simulation.
        .target(name: "CAllocationCount", path: "Benchmarks/CAllocationCount"),
        .executableTarget(
            name: "counts",
            dependencies: [
                "CAllocationCount", "GameFolder", "JSONValues", "ServerMetrics", "Simulation", "Wire", "World",
            ],
            path: "Benchmarks/Counts", swiftSettings: settings),
        // Tests/Sanitized/Package.swift uses this target too; it alone has the test target ServerAttackTests.
        .target(name: "AttackFiles", path: "Tests/AttackFiles", swiftSettings: settings),
        // Tests/Sanitized/Package.swift uses this target too.
        .target(name: "StockLua", path: "Tests/StockLua", swiftSettings: settings),
        .testTarget(
            name: "LuaSandboxTests", dependencies: ["AttackFiles", "LuaSandbox", "StockLua"], swiftSettings: settings),
        .testTarget(
            name: "ServerMetricsTests", dependencies: ["ServerMetrics", coreMetrics], swiftSettings: settings),
        .testTarget(name: "JSONValuesTests", dependencies: ["JSONValues"], swiftSettings: settings),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster", "Storage", "World"], swiftSettings: settings),
        .testTarget(name: "WorldTests", dependencies: ["JSONValues", "World"], swiftSettings: settings),
        .testTarget(name: "LuaSyntaxTests", dependencies: ["LuaSyntax", "StockLua"], swiftSettings: settings),
        .testTarget(name: "GameRulesTests", dependencies: ["GameRules"], swiftSettings: settings),
        .testTarget(
            name: "TiledMapsTests", dependencies: ["JSONValues", "TiledMaps", "World"], swiftSettings: settings),
        .testTarget(
            name: "GameFolderTests", dependencies: ["GameFolder", "GameRules", "JSONValues", "World"],
            swiftSettings: settings),
        .testTarget(
            name: "ScriptCheckTests",
            dependencies: ["GameFolder", "GameRules", "JSONValues", "LuaSyntax", "ScriptCheck", "World"],
            exclude: ["broken-game"], swiftSettings: settings),
        .testTarget(name: "WireTests", dependencies: ["JSONValues", "Wire", "World"], swiftSettings: settings),
        // Makes maps on which tests play.
        .target(
            name: "SimulationTestKit",
            dependencies: [
                "GameFolder", "GameRules", "JSONValues", "ServerMetrics", "Simulation", "Wire", "World", nio("NIOCore"),
            ],
            path: "Tests/SimulationTestKit", swiftSettings: settings),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "GameFolder", "GameRules", "JSONValues", "LuaSandbox", "ScriptCheck", "ScriptTest", "Simulation",
                "ServerMetrics", "SimulationTestKit", "Wire", "World", nio("NIOCore"), nio("NIOEmbedded"),
                nio("NIOPosix"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RecordingTests",
            dependencies: [
                "GameFolder", "GameRules", "JSONValues", "LuaSandbox", "Recording", "Simulation", "SimulationTestKit",
                "Wire",
                "World",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ScriptTestTests",
            dependencies: [
                "JSONValues", "ScriptTest", "GameFolder", "GameRules", "LuaSandbox", "ScriptCheck", "Simulation",
                "World",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Cluster", "JSONValues", "PostgresStorage", "ServerMetrics", "Storage", "World", grdb, logging,
                serviceLifecycle,
            ],
            swiftSettings: settings),
        // Used by TransportTests and GatewayTests.
        .target(
            name: "ClientFrames", dependencies: [nio("NIOCore"), nio("NIOEmbedded"), nio("NIOHTTP1")],
            path: "Tests/ClientFrames", swiftSettings: settings),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "ClientFrames", "ConformanceEcho", "JSONValues", "ServerMetrics", "Transport", "Wire", logging,
                nio("NIOCore"), nio("NIOEmbedded"), nio("NIOHTTP1"), nio("NIOPosix"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "WebRTCTests",
            dependencies: ["CWebRTC", "Transport", "WebRTC", logging, nio("NIOCore"), nio("NIOPosix")],
            swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "AdminPanel", "ClientFrames", "GameFolder", "GameRules", "Gateway", "JSONValues", "OperatorAPI",
                "ServerMetrics",
                "Simulation", "SimulationTestKit", "Storage", "Transport", "WebRTC", "Wire", "World", httpTypes,
                hummingbird, logging,
                nio("NIOCore"), nio("NIOEmbedded"), nio("NIOHTTP1"), nio("NIOPosix"), serviceLifecycle,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "OperatorAPITests",
            dependencies: ["JSONValues", "OperatorAPI", "Storage", nio("NIOCore"), nio("NIOPosix")],
            swiftSettings: settings),
        .testTarget(
            name: "BenchTests",
            dependencies: ["Bench", "JSONValues", nio("NIOCore"), nio("NIOEmbedded"), nio("NIOPosix")],
            swiftSettings: settings),
    ]
)
