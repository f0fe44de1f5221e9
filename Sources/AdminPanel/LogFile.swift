import Foundation
import GameFolder

/// One write to the end of a log file.
enum LogFile {
    /// Why it failed.
    struct Failure: Error {
        var reason: String
    }

    /// Appends to a plain file, which is made if it is missing, its folder too. Waits for nobody: not for a pipe's
    /// reader.
    ///
    /// - Parameters:
    ///   - bytes: What to append.
    ///   - path: The file.
    /// - Returns: The file's size afterwards, in bytes.
    /// - Throws: ``Failure`` when not all of it could be written.
    static func append(_ bytes: [UInt8], to path: String) throws(Failure) -> Int {
        let descriptor = try open(path)
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(reason: String(cString: strerror(errno))) }
            rest = rest.dropFirst(count)
        }
        return max(Int(lseek(descriptor, 0, SEEK_END)), 0)
    }

    private static func open(_ path: String) throws(Failure) -> Int32 {
        do {
            return try PlainFile.open(path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o644)
        } catch {
            guard error.code == ENOENT else { throw Failure(reason: error.reason) }
        }
        do {
            // Somebody deleted the folder under the running server.
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            return try PlainFile.open(path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o644)
        } catch let failure as PlainFile.Failure {
            throw Failure(reason: failure.reason)
        } catch {
            throw Failure(reason: error.localizedDescription)
        }
    }
}
