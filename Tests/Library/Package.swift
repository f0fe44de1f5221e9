// swift-tools-version: 6.2

// Programs that use this package's libraries from outside of the package. Their sources are the examples on the
// libraries' pages: scripts/library writes them beside a copy of this file, in .build/library, and runs them.

import PackageDescription

let package = Package(
    name: "library",
    dependencies: [.package(name: "perigee", path: "../..")],
    targets: [
        .executableTarget(name: "WorldExample", dependencies: [.product(name: "World", package: "perigee")]),
        .executableTarget(name: "LuaSandboxExample", dependencies: [.product(name: "LuaSandbox", package: "perigee")]),
    ]
)
