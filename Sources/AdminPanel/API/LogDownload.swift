import Foundation
import GameFolder
import Gateway
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import OperatorAPI

/// Log files for download: read in parts, each after the client took the part before it, up to the size that the file
/// has at the beginning.
struct LogDownload: Sendable {
    /// The length of a part, in bytes.
    private static let window = 64 << 10

    /// The folder of the log files; `nil` when the server writes none.
    let directory: String?

    /// Answers a request.
    ///
    /// - Throws: ``GatewayError`` with status 404.
    func response(to call: PanelCall) async throws -> Response {
        let (map, kind) = (call.parameter("map_id"), call.parameter("file"))
        let names = ["log": ".log", "log.1": ".log.1", "errors": "-errors.log", "errors.1": "-errors.log.1"]
        guard let directory, let suffix = names[kind], let number = Int(map), "\(number)" == map else {
            throw GatewayError.notFound("a map's log files are log, errors, log.1 and errors.1")
        }
        let name = "map-\(map)\(suffix)"
        let path = "\(directory)/\(name)"
        guard let file = try await NIOThreadPool.singleton.runIfActive({ OpenLogFile(path) }) else {
            throw GatewayError.notFound("there is no file \(name) yet")
        }
        let headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store",
            .contentDisposition: "attachment; filename=\"\(name)\"",
        ]
        let body = ResponseBody(contentLength: file.size) { writer in
            var offset = 0
            while offset < file.size {
                let (start, length) = (offset, min(Self.window, file.size - offset))
                let part = try await NIOThreadPool.singleton.runIfActive { file.read(at: start, length) }
                // Emptied meanwhile: the connection breaks, so that nobody takes a part for the file.
                guard part.readableBytes > 0 else { throw ChannelError.eof }
                offset += part.readableBytes
                try await writer.write(part)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}

/// A log file that stays open while it is downloaded: the server may rename it meanwhile and begin another one with its
/// name. Any thread.
final class OpenLogFile: Sendable {
    /// Its size when it was opened, in bytes.
    let size: Int
    private let descriptor: Int32

    /// Opens a file; fails when there is no plain file that can be read.
    init?(_ path: String) {
        guard let descriptor = try? PlainFile.open(path, O_RDONLY) else { return nil }
        self.descriptor = descriptor
        size = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
    }

    deinit { close(descriptor) }

    /// Reads a part; blocks on the disk.
    ///
    /// - Parameters:
    ///   - offset: Where it begins, in bytes.
    ///   - length: How long it is at most, in bytes.
    /// - Returns: The part; empty at the end of the file and when it can't be read.
    func read(at offset: Int, _ length: Int) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: length)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { bytes in
            max(0, pread(descriptor, bytes.baseAddress, length, off_t(offset)))
        }
        return buffer
    }
}
