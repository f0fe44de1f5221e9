import GameFolder
import Glibc

/// Finds the secret that the server shares with its TURN servers. It never stands in `game.yaml`, because a game folder
/// is often shared or published.
package enum TurnSecret {
    /// The variable that has the secret.
    package static let variable = "PERIGEE_TURN_SECRET"
    /// The file of the data folder that has the secret when the variable is not set.
    package static let fileName = "turn.secret"

    /// Reads the secret.
    ///
    /// - Parameters:
    ///   - environment: The variables of the process.
    ///   - directory: The data folder.
    /// - Returns: The secret without white space around it; `nil` when neither the variable nor the file is there.
    /// - Throws: ``TurnSecretError`` for a file that can't be read, or that has no secret.
    package static func load(
        environment: [String: String], directory: String
    ) throws(TurnSecretError) -> [UInt8]? {
        if let text = environment[variable], !trimmed(Array(text.utf8)).isEmpty { return trimmed(Array(text.utf8)) }
        let path = directory + "/" + fileName
        let file: Int32
        do throws(PlainFile.Failure) {
            file = try PlainFile.open(path, O_RDONLY)
        } catch {
            if error.code == ENOENT { return nil }
            throw TurnSecretError(path: path, reason: error.reason)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw TurnSecretError(path: path, reason: String(cString: strerror(errno))) }
        let secret = trimmed(Array(bytes[..<count]))
        guard !secret.isEmpty else { throw TurnSecretError(path: path, reason: "it is empty") }
        return secret
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte <= 0x20 }
        guard let start = bytes.firstIndex(where: { !isBlank($0) }), let end = bytes.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return Array(bytes[start...end])
    }
}

/// Why the secret can't be read.
package struct TurnSecretError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    package let path: String
    /// What is wrong with it.
    package let reason: String

    /// What is wrong, and what to do.
    package var description: String {
        "can't use the secret of the TURN servers in \(path): \(reason); write the secret into it, delete it, or set "
            + TurnSecret.variable
    }
}
