import Foundation

/// The address at which a running server can be reached from this machine: the first line of `server.url` in its data
/// folder, while the server runs. The second line names the certificate of a server with TLS.
package enum ServerAddress {
    private static func path(_ directory: String) -> String { "\(directory)/server.url" }

    /// Writes the address into the data folder; errors are ignored, since an unwritable folder was refused earlier.
    ///
    /// - Parameters:
    ///   - host: The address on which the server listens; an address for all interfaces is written as the loopback
    ///     address.
    ///   - port: The port on which it listens.
    ///   - certificate: The PEM file of a server that speaks TLS.
    ///   - directory: The data folder.
    package static func write(host: String, port: Int, certificate: String?, in directory: String) {
        let name =
            switch host {
            case "0.0.0.0", "localhost": "127.0.0.1"
            case "::": "[::1]"
            default: host.contains(":") ? "[\(host)]" : host
            }
        var lines = ["\(certificate == nil ? "http" : "https")://\(name):\(port)"]
        if let certificate { lines.append(URL(fileURLWithPath: certificate).path) }
        try? Data(lines.map { $0 + "\n" }.joined().utf8).write(
            to: URL(fileURLWithPath: path(directory)), options: .atomic)
    }

    /// Removes the address of a server that ends.
    ///
    /// - Parameter directory: The data folder.
    package static func remove(from directory: String) { try? FileManager.default.removeItem(atPath: path(directory)) }

    /// The address of the server that uses a data folder, and its certificate; `nil` when no server runs.
    ///
    /// - Parameter directory: The data folder.
    /// - Returns: The address, and the path of the certificate's PEM file.
    package static func read(from directory: String) -> (url: String, certificate: String?)? {
        let lines = (try? String(contentsOfFile: path(directory), encoding: .utf8))?.split(separator: "\n") ?? []
        guard let url = lines.first else { return nil }
        return (String(url), lines.dropFirst().first.map(String.init))
    }
}
