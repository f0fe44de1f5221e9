import CZlib

/// Compresses messages for `permessage-deflate` (RFC 7692), with one zlib stream for all receivers.
///
/// A *segment* is raw deflate that begins without a history and ends at a byte boundary with an empty stored block
/// (`00 00 00 ff ff`), so segments and stored blocks can be joined in any order: what many receivers share is compressed
/// once, and what only one of them is told stands beside it as it is.
///
/// Not thread-safe: one owner at a time. Holds about 260 KiB.
package final class Deflater {
    // On the heap, as zlib keeps a pointer back to it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Makes a compressor; `nil` when there is no memory for it.
    ///
    /// - Parameters:
    ///   - level: zlib's 1 (fast) to 9; of a delta, level 6 makes a sixth less than level 1 in twice the time.
    ///   - windowBits: How far back it may refer: 9 to 15, as powers of two.
    package init?(level: Int32 = 1, windowBits: Int32 = 15) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_deflate_init(stream, level, -windowBits) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses bytes.
    ///
    /// - Parameters:
    ///   - bytes: What to compress; below 4 GiB.
    ///   - keepsContext: Whether it may refer to what was compressed before; every receiver must have had that.
    /// - Returns: One segment.
    package func segment(_ bytes: UnsafeBufferPointer<UInt8>, keepsContext: Bool = false) -> [UInt8] {
        if !keepsContext { deflateReset(stream) }
        // zlib gives nothing when it has nothing to add since the last time.
        guard !bytes.isEmpty else { return [0, 0, 0, 0xFF, 0xFF] }
        // zlib doesn't write through it.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        defer { stream.pointee.next_in = nil }
        // The bound, and room for the empty block; the loop is for a bound that forgets what an earlier call left.
        var output: [UInt8] = []
        var room = Int(deflateBound(stream, UInt(bytes.count))) + 16
        repeat {
            let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(room)
                deflate(stream, Z_SYNC_FLUSH)
                count = room - Int(stream.pointee.avail_out)
                stream.pointee.next_out = nil
            }
            if output.isEmpty { output = part } else { output.append(contentsOf: part) }
            room = 1024
        } while stream.pointee.avail_out == 0
        return output
    }

    /// How large the stored blocks for some bytes are.
    package static func storedSize(_ count: Int) -> Int { count + 5 * ((count + 65_534) / 65_535) }

    /// The heads of the stored blocks that carry some bytes as they are.
    ///
    /// - Parameters:
    ///   - bytes: What to carry.
    ///   - body: Is given heads and parts of the bytes in turn.
    package static func storedBlocks(_ bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(65_535)
            rest = rest.dropFirst(part.count)
            let low = UInt8(part.count & 255)
            let high = UInt8(part.count >> 8)
            body([0, low, high, ~low, ~high])
            body(part)
        }
    }

    /// What a message ends with after a stored block: an empty one without the four bytes that the receiver adds
    /// (RFC 7692, section 7.2.1).
    package static let end: UInt8 = 0
}
