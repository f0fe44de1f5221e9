import Hummingbird
import NIOCore
import NIOPosix

/// Bodies of answers that are handed to the connection in parts, the next one when the client has read: what waits on a
/// connection is a window, however long the body is.
enum StreamedBody {
    /// How long a part is, in bytes; a connection takes the next when less than half of that waits.
    static let window = 64 * 1024

    /// A file as a body. When it changes on the way the connection is closed, so that no client takes a mixture for the
    /// file.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - eventLoop: That of the connection.
    /// - Returns: The body.
    static func of(_ file: ServedFile, on eventLoop: any EventLoop) -> ResponseBody {
        ResponseBody(contentLength: file.size) { writer in
            var offset = 0
            while offset < file.size {
                let start = offset
                let part = try await NIOThreadPool.singleton.runIfActive { try file.read(at: start, window) }
                offset += part.readableBytes
                try await writer.write(part)
                try await settle(eventLoop)
            }
            try await writer.finish(nil)
        }
    }

    /// Bytes that many connections share as a body.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, which are not copied.
    ///   - eventLoop: That of the connection.
    /// - Returns: The body.
    static func of(_ bytes: ByteBuffer, on eventLoop: any EventLoop) -> ResponseBody {
        ResponseBody(contentLength: bytes.readableBytes) { writer in
            var rest = bytes
            while let part = rest.readSlice(length: min(window, rest.readableBytes)), part.readableBytes > 0 {
                try await writer.write(part)
                try await settle(eventLoop)
            }
            try await writer.finish(nil)
        }
    }

    /// Waits until the connection has taken what was written: the writer learns only there that it must wait.
    private static func settle(_ eventLoop: any EventLoop) async throws { try await eventLoop.submit {}.get() }
}
