import GameFolder
import Gateway
import Glibc

/// The secret that identifies an operator, in a file of the data folder that only its owner can read.
package struct OperatorKey: Sendable {
    /// The file.
    package let path: String
    private let secret: [UInt8]
    /// The hash of the key, for sessions that began with it.
    var hash: [UInt8] { Sodium.hash(secret) }

    /// Reads the key, and creates it at the first start.
    ///
    /// - Parameter directory: The data folder.
    /// - Returns: The key.
    /// - Throws: ``OperatorKeyError`` naming the file and what to do.
    package static func load(directory: String) throws(OperatorKeyError) -> OperatorKey {
        let path = directory + "/operator.key"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 {
            let secret = Array(hex(Sodium.randomBytes(24)).utf8)
            let line = secret + [0x0A]
            let written = write(file, line, line.count)
            let code = errno
            close(file)
            guard written == line.count else {
                unlink(path)
                throw .unusable(path: path, reason: String(cString: strerror(code)))
            }
            return OperatorKey(path: path, secret: secret)
        }
        guard errno == EEXIST else { throw .unusable(path: path, reason: String(cString: strerror(errno))) }
        return OperatorKey(path: path, secret: try read(path))
    }

    private static func read(_ path: String) throws(OperatorKeyError) -> [UInt8] {
        let file: Int32
        do {
            file = try PlainFile.open(path, O_RDONLY)
        } catch {
            throw .unusable(path: path, reason: error.reason)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .unusable(path: path, reason: String(cString: strerror(errno))) }
        // A copied file may be readable for other users; this restricts it to its owner again.
        fchmod(file, 0o600)
        let secret = bytes[..<count].filter { $0 > 0x20 }
        guard secret.count >= 16 else { throw .tooShort(path: path) }
        return secret
    }

    /// Whether a text is the key; takes the same time for every wrong text of the same length.
    ///
    /// - Parameter text: The text that a client sent.
    /// - Returns: `true` for the key.
    package func matches(_ text: some StringProtocol) -> Bool { Sodium.equal(Array(text.utf8), secret) }
}

/// Why there is no operator's key, with the file and what to do.
package enum OperatorKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file can't be made or read.
    case unusable(path: String, reason: String)
    /// The file holds less than 16 characters.
    case tooShort(path: String)

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .unusable(let path, let reason):
            "can't use the operator's key \(path): \(reason); check that this user may read and write it"
        case .tooShort(let path):
            "the operator's key \(path) has less than 16 characters; delete it and a new one is made at the next start"
        }
    }
}
