import Foundation

/// Paths in the repository.
enum Paths {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static var meadow: String { root.appending(path: "lua").path }
    static var brokenGame: String { root.appending(path: "Tests/ScriptCheckTests/broken-game").path }
}
