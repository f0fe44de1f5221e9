import NIOCore

/// Compresses snapshots for clients that accept that, for the map's own thread, up to a bound of work for each message
/// of the world.
///
/// Only texts that the receivers share or may see of others go through it. What is secret, a client's private
/// components and its `resume` token, stays uncompressed: else the length of a message that also has texts of others
/// would say something about it.
package final class SnapshotCompressor {
    /// The most bytes that are compressed for one message of the world: 1.5 to 3 ms of CPU time with the texts of
    /// games, at most 10 ms with random texts. What is beyond that stays as it is.
    package static let maxBytes = 512 << 10

    private var left = 0
    /// It has 260 KiB, so it is kept only while there are snapshots.
    private var deflater: Deflater?

    /// Makes a compressor that keeps no memory between bursts of snapshots.
    package init() {}

    /// Begins the snapshots of one message of the world.
    package func begin() { left = Self.maxBytes }

    /// Ends them, and frees the memory.
    package func end() { deflater = nil }

    /// Whether a text of so many bytes may be compressed still, at least in part.
    func accepts(_ count: Int) -> Bool { min(count, left) >= Deflater.minBytes }

    /// Appends a text to a message as deflate blocks: compressed as far as the bound allows, the rest stored.
    func write(_ text: UnsafeBufferPointer<UInt8>, to out: inout ByteBuffer) {
        var rest = text[...]
        if accepts(text.count) {
            let count = min(text.count, left)
            left -= count
            if deflater == nil { deflater = Deflater() }
            if let segment = deflater?.segment(UnsafeBufferPointer(rebasing: rest.prefix(count))) {
                out.writeBytes(segment)
                rest = rest.dropFirst(count)
            }
        }
        out.writeStoredBlocks(rest)
    }
}
