import CZlib
import NIOCore

// All of zlib: messages compressed and decompressed on their way, and whole files' parts.

/// Compresses messages for `permessage-deflate` (RFC 7692), with one zlib stream for all receivers.
///
/// A *segment* is raw deflate that begins without a history and ends at a byte boundary with an empty stored block
/// (`00 00 00 ff ff`), so segments and stored blocks can be joined in any order: what many receivers share is
/// compressed once, and what only one receiver gets stands beside it as it is.
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

/// A message for `permessage-deflate` that is made of a part that was compressed once for all receivers and a part that
/// only one receiver gets, which is carried as it is (RFC 7692, without context takeover).
struct DeflatedMessage {
    private let shared: [UInt8]
    private let own: [UInt8]

    /// - Parameters:
    ///   - shared: A segment of ``Deflater``.
    ///   - own: The rest of the text.
    init(shared: [UInt8], own: [UInt8]) {
        self.shared = shared
        self.own = own
    }

    /// How many bytes the payload has.
    var size: Int { shared.count + Deflater.storedSize(own.count) + 1 }

    /// Appends the payload.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeBytes(shared)
        Deflater.storedBlocks(own) { buffer.writeBytes($0) }
        buffer.writeInteger(Deflater.end)
    }
}

/// Decompresses the messages of one `permessage-deflate` client (RFC 7692), never into more than was allowed.
///
/// Not thread-safe: one owner at a time. Holds up to 40 KiB.
package final class Inflater {
    /// Why a message can't be decompressed.
    package enum Failure: Error, Equatable {
        /// It is not raw deflate, or refers to what was not sent.
        case damaged
        /// It holds more than it may.
        case tooBig
    }

    // On the heap, as zlib keeps a pointer back to it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Makes a decompressor for any window; `nil` when there is no memory for it.
    package init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_inflate_init(stream, -15) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses one message.
    ///
    /// - Parameters:
    ///   - packed: Its payload as sent, without the four bytes `00 00 ff ff`.
    ///   - limit: How many bytes it may hold.
    ///   - keepsContext: Whether it may refer to the messages before.
    /// - Returns: What it holds.
    /// - Throws: ``Failure``; the decompressor must not be used with `keepsContext` afterwards.
    package func message(
        _ packed: [UInt8], limit: Int, keepsContext: Bool
    ) throws(Failure) -> [UInt8] {
        if !keepsContext { inflateReset(stream) }
        var input = packed
        input.append(contentsOf: [0, 0, 0xFF, 0xFF])
        var output: [UInt8] = []
        var consumed = 0
        var isFull = false
        repeat {
            // One byte more than allowed tells a message that fits from one that doesn't.
            let room = min(max(4 * input.count, output.count), limit + 1 - output.count)
            guard room > 0 else { throw .tooBig }
            var status = Z_OK
            let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                input.withUnsafeMutableBufferPointer { source in
                    stream.pointee.next_in = source.baseAddress.map { $0 + consumed }
                    stream.pointee.avail_in = UInt32(source.count - consumed)
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(room)
                    status = inflate(stream, Z_SYNC_FLUSH)
                    consumed = source.count - Int(stream.pointee.avail_in)
                    count = room - Int(stream.pointee.avail_out)
                    stream.pointee.next_in = nil
                    stream.pointee.next_out = nil
                }
            }
            output.append(contentsOf: part)
            guard output.count <= limit else { throw .tooBig }
            isFull = part.count == room
            switch status {
            case Z_OK: break
            // A final block ends a stream but not the message (section 7.2.3.4).
            case Z_STREAM_END: inflateReset(stream)
            // Nothing was left to do.
            case Z_BUF_ERROR where consumed == input.count: break
            default: throw .damaged
            }
        } while consumed < input.count || isFull
        return output
    }
}

/// Bytes packed as one zlib stream, for files.
package enum PackedBytes {
    /// Packs bytes.
    ///
    /// - Parameter content: Below 4 GiB.
    /// - Returns: The stream; `nil` when there is no memory for it.
    package static func packed(_ content: [UInt8]) -> [UInt8]? {
        var length = compressBound(UInt(content.count))
        var isPacked = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
            isPacked = compress2(buffer.baseAddress, &length, content, UInt(content.count), 3) == Z_OK
            count = isPacked ? Int(length) : 0
        }
        return isPacked ? bytes : nil
    }

    /// Unpacks bytes.
    ///
    /// - Parameters:
    ///   - packed: A stream.
    ///   - length: How many bytes it must hold.
    /// - Returns: The bytes; `nil` when the stream is damaged or holds more or fewer.
    package static func unpacked(_ packed: ArraySlice<UInt8>, length: Int) -> [UInt8]? {
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var written = UInt(length)
            let status = packed.withUnsafeBufferPointer {
                uncompress(buffer.baseAddress, &written, $0.baseAddress, UInt($0.count))
            }
            isWhole = status == Z_OK && written == UInt(length)
            count = isWhole ? length : 0
        }
        return isWhole ? bytes : nil
    }

    /// The CRC-32 of two parts, one behind the other.
    package static func checksum(_ head: [UInt8], _ rest: ArraySlice<UInt8>) -> UInt32 {
        let first = head.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        return UInt32(
            truncatingIfNeeded: rest.withUnsafeBufferPointer { crc32(first, $0.baseAddress, UInt32($0.count)) })
    }
}
