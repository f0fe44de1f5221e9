import Glibc
import NIOCore

/// The frames of a connection that wait for the next flush, and their way past the channel's pipeline: as long as the
/// kernel takes everything at once, a flush is one system call and little else.
///
/// Frames that the kernel does not take, or not whole, go through the pipeline, which waits until the client reads; so
/// do all frames after them until those are written, in their order. Used on the channel's event loop.
struct SocketWriter {
    /// The most bytes that wait for a flush, unless ``limit`` is less.
    static let mostBytes = 128 * 1024

    /// The bytes that may wait for a flush. Further ones go through the pipeline, where they count as waiting.
    var limit = mostBytes

    /// The channel's socket; `nil` for a channel without one.
    private let socket: NIOBSDSocket.Handle?
    /// Most connections get one frame at a time: without an array an idle connection keeps no memory for it.
    private var first: ByteBuffer?
    private var more: [ByteBuffer] = []
    /// How many bytes wait for the next flush.
    private(set) var waitingBytes = 0

    /// Makes a writer; call it on the channel's event loop.
    ///
    /// - Parameter channel: An open channel.
    init(_ channel: any Channel) {
        socket = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            $0
        }
    }

    /// Makes a writer that keeps no frames.
    init() { socket = nil }

    /// Whether no frames wait.
    var isEmpty: Bool { first == nil }

    /// Keeps a frame for the next flush.
    ///
    /// - Returns: `false` when too many bytes would wait, or there is no socket; the frame is not kept then.
    mutating func add(_ frame: ByteBuffer) -> Bool {
        guard socket != nil, waitingBytes + frame.readableBytes <= min(limit, Self.mostBytes) else { return false }
        if first == nil { first = frame } else { more.append(frame) }
        waitingBytes += frame.readableBytes
        return true
    }

    /// Takes all frames, in their order.
    mutating func takeAll() -> [ByteBuffer] {
        guard let first else { return [] }
        defer { removeAll() }
        return [first] + more
    }

    private mutating func removeAll() {
        first = nil
        if !more.isEmpty { more = [] }
        waitingBytes = 0
    }

    /// Writes the frames to the channel's socket, as far as the kernel takes them without waiting.
    ///
    /// - Parameter channel: The channel; its pipeline must not hold unwritten bytes.
    /// - Returns: What is left: the rest of a frame, and the frames after it. Empty in most cases.
    mutating func send(on channel: any Channel) -> [ByteBuffer] {
        var sent = 0
        // NIO closes the socket on this thread and marks the channel as inactive before it runs anything else there, so
        // the socket of an active channel is open, and still the channel's own.
        if let socket, channel.isActive { sent = more.isEmpty ? sendFirst(to: socket) : sendAll(to: socket) }
        guard sent < waitingBytes else {
            removeAll()
            return []
        }
        var left = takeAll()
        while let first = left.first, first.readableBytes <= sent {
            sent -= first.readableBytes
            left.removeFirst()
        }
        left[0].moveReaderIndex(forwardBy: sent)
        return left
    }

    /// Returns how many bytes the kernel took; 0 also for an error, which the pipeline will meet again.
    private func sendFirst(to socket: NIOBSDSocket.Handle) -> Int {
        first?.withUnsafeReadableBytes { bytes in
            max(Glibc.send(socket, bytes.baseAddress, bytes.count, Self.flags), 0)
        } ?? 0
    }

    private static let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)

    /// As ``sendFirst(to:)``, all frames with one system call.
    private func sendAll(to socket: NIOBSDSocket.Handle) -> Int {
        guard let first else { return 0 }
        // `first` and `more` keep the memory to which the vectors point.
        var vectors: [iovec] = []
        for frame in CollectionOfOne(first) + more.prefix(Self.mostVectors - 1) {
            frame.withUnsafeReadableBytesWithStorageManagement { bytes, _ in
                vectors.append(
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count))
            }
        }
        return vectors.withUnsafeMutableBufferPointer { vectors in
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = vectors.count
            return withExtendedLifetime((first, more)) { max(sendmsg(socket, &message, Self.flags), 0) }
        }
    }

    /// Linux takes at most 1,024 vectors; the frames after these go through the pipeline.
    private static let mostVectors = 1024
}
