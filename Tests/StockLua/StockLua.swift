import Foundation

/// Debian's `lua5.1`, which scripts/bootstrap installs for the tests.
package enum StockLua {
    /// Stock Lua is missing, or the program failed.
    package struct Failure: Error, CustomStringConvertible {
        /// The reason, and the command that installs stock Lua.
        package let description = "lua5.1 is missing or failed; install it with scripts/bootstrap test"
    }

    /// Runs a program in a new folder, which is removed afterwards.
    ///
    /// - Parameters:
    ///   - program: The program's text.
    ///   - files: Contents of files in the same folder, by name.
    /// - Returns: The lines that the program printed, without empty ones.
    /// - Throws: ``Failure``, and errors of the file system.
    package static func run(_ program: String, files: [String: [UInt8]] = [:]) throws -> [Substring] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "perigee-lua-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, content) in files { try Data(content).write(to: folder.appending(path: name)) }
        try Data(program.utf8).write(to: folder.appending(path: "program.lua"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["lua5.1", "program.lua"]
        process.currentDirectoryURL = folder
        process.environment = ["LC_ALL": "C", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"]
        // The output goes to a file, because a pipe that is not read while the program runs would fill.
        let output = folder.appending(path: "output")
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        try process.run()
        process.waitUntilExit()
        try handle.close()
        guard process.terminationStatus == 0 else { throw Failure() }
        return String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n")
    }
}
