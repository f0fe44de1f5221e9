import Foundation
import GameFolder

/// One write to the end of a log file.
enum LogFile {
    /// The reason why the write failed.
    struct Failure: Error {
        var reason: String
    }

    /// Appends to a plain file, and creates the file and its folder if they are missing.
    ///
    /// It never blocks on a pipe without a reader.
    ///
    /// - Parameters:
    ///   - bytes: The bytes to append.
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
            // The folder was deleted while the server was running.
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
