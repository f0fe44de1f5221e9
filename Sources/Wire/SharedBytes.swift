package import NIOCore

/// Bytes that are part of several messages and are kept once for all of them, so that their memory can be counted once.
///
/// Any thread.
package final class SharedBytes: Sendable {
    /// The least that is worth sharing: a shorter text costs less when each message has its own copy.
    static let minimum = 16 * 1024

    /// The bytes; messages hold slices of them.
    package let bytes: ByteBuffer

    /// Copies bytes.
    ///
    /// - Parameter bytes: What the messages share.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = ByteBuffer(bytes: bytes) }
}
