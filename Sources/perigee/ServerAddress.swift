import Foundation

/// Where a running server can be reached from this machine: a line in `server.url` of its data folder, while it runs.
enum ServerAddress {
    private static func path(_ directory: String) -> String { "\(directory)/server.url" }

    /// Notes the address. A folder that can't be written to was refused before.
    static func write(host: String, port: Int, in directory: String) {
        let name =
            switch host {
            case "0.0.0.0", "localhost": "127.0.0.1"
            case "::": "[::1]"
            default: host.contains(":") ? "[\(host)]" : host
            }
        try? Data("http://\(name):\(port)\n".utf8).write(to: URL(fileURLWithPath: path(directory)), options: .atomic)
    }

    static func remove(from directory: String) { try? FileManager.default.removeItem(atPath: path(directory)) }

    /// The address of the server that runs over a data folder; `nil` when none does.
    static func read(from directory: String) -> String? {
        (try? String(contentsOfFile: path(directory), encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
