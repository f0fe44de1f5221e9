package import NIOCore

/// Bytes that are part of several messages; they are kept once for all messages, and their memory is counted once.
///
/// They may be used on any thread.
package final class SharedBytes: Sendable {
    /// The smallest size that is worth sharing, in bytes: for a shorter text, one copy in each message costs less.
    static let minimum = 16 * 1024

    /// The bytes; messages hold slices of them.
    package let bytes: ByteBuffer

    /// Copies bytes.
    ///
    /// - Parameter bytes: The bytes that the messages share.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = ByteBuffer(bytes: bytes) }

    /// Takes bytes.
    ///
    /// - Parameter bytes: The bytes that the messages share.
    init(_ bytes: ByteBuffer) { self.bytes = bytes }

    /// A slice of the bytes, which must be in them.
    subscript(range: Range<Int>) -> ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
