import Foundation
import Testing

/// Debian's `lua5.1`, which scripts/bootstrap installs for the tests.
enum StockLua {
    /// What stock Lua says of each text: `nil` when it compiles, else its message without the chunk's name, `LINE: …`.
    static func compile(_ sources: [[UInt8]]) throws -> [String?] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "perigee-syntax-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (number, source) in sources.enumerated() {
            try Data(source).write(to: folder.appending(path: "\(number).lua"))
        }
        let driver = """
            for number = 0, \(sources.count - 1) do
              local file = io.open(number .. ".lua", "rb")
              local ok, message = loadstring(file:read("*a"), "=x")
              file:close()
              io.write(ok and "ok" or message:gsub("[\\r\\n]", " "), "\\n")
            end
            """
        try Data(driver.utf8).write(to: folder.appending(path: "driver.lua"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["lua5.1", "driver.lua"]
        process.currentDirectoryURL = folder
        process.environment = ["LC_ALL": "C", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"]
        // To a file: a pipe that nobody reads meanwhile would fill.
        let output = folder.appending(path: "output")
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        try process.run()
        process.waitUntilExit()
        try handle.close()
        try #require(process.terminationStatus == 0, "lua5.1 is needed: scripts/bootstrap test")
        let lines = String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n")
        try #require(lines.count == sources.count)
        return lines.map { line in line == "ok" ? nil : String(line.dropFirst("x:".count)) }
    }
}
