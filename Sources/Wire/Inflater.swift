import CZlib

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
