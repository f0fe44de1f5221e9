import Hummingbird
import NIOCore
import NIOPosix

/// Bodies of answers that are written in parts, each after the client has read earlier ones. So only about one window
/// of bytes waits on a connection, whatever the length of the body is.
enum StreamedBody {
    /// The length of a part in bytes; the next part is written when less than half of this waits.
    static let window = 64 * 1024

    /// A file, or a part of it, as a body.
    ///
    /// When the file changes meanwhile, the connection is closed, so that no client mistakes a mixture of two versions
    /// for the file.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - range: The bytes of the file; within its size.
    ///   - eventLoop: The connection's event loop.
    /// - Returns: The body.
    static func of(_ file: ServedFile, _ range: Range<Int>, on eventLoop: any EventLoop) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let start = offset
                let part = try await NIOThreadPool.singleton.runIfActive {
                    try file.read(at: start, min(window, range.upperBound - start))
                }
                offset += part.readableBytes
                try await writer.write(part)
                try await settle(eventLoop)
            }
            try await writer.finish(nil)
        }
    }

    /// A body from bytes that many connections share.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, which are not copied.
    ///   - eventLoop: The connection's event loop.
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

    /// Waits until the event loop has written the part, because only then the writer knows whether it must wait.
    private static func settle(_ eventLoop: any EventLoop) async throws { try await eventLoop.submit {}.get() }
}
