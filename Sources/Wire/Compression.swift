import CZlib
import NIOCore

// All uses of zlib: compressing and decompressing messages on connections, and packing bytes for files.

/// Compresses messages for `permessage-deflate` (RFC 7692), with one zlib stream for all receivers.
///
/// A *segment* is raw deflate data that does not refer to earlier data and ends at a byte boundary with an empty stored
/// block (`00 00 00 ff ff`). So segments and stored blocks can be joined in any order: the part that many receivers
/// share is compressed once, and the part for only one receiver is added uncompressed.
///
/// Not thread-safe: one owner at a time. It uses about 260 KiB of memory.
package final class Deflater {
    // On the heap, because zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Makes a compressor; `nil` when there is no memory for it.
    ///
    /// - Parameters:
    ///   - level: zlib's level, 1 (fast) to 9; level 6 makes a delta a sixth smaller than level 1, in twice the time.
    ///   - windowBits: How far back it may refer, as a power of two of bytes: 9 to 15.
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
    ///   - bytes: What to compress; less than 4 GiB.
    ///   - keepsContext: Whether the segment may refer to the segments before it; if so, every receiver must have
    ///     received those.
    /// - Returns: One segment.
    package func segment(_ bytes: UnsafeBufferPointer<UInt8>, keepsContext: Bool = false) -> [UInt8] {
        if !keepsContext { deflateReset(stream) }
        // zlib writes nothing, not even the empty stored block, when it gets no input since the last flush.
        guard !bytes.isEmpty else { return [0, 0, 0, 0xFF, 0xFF] }
        // The cast is safe: zlib doesn't write through `next_in`.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        defer { stream.pointee.next_in = nil }
        // `deflateBound` plus room for the empty block. The loop is needed because the bound does not count output that
        // an earlier call left in zlib.
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

    /// The shortest text that is worth compressing, in bytes.
    static let minBytes = 300

    /// How many bytes the stored blocks for `count` bytes have.
    package static func storedSize(_ count: Int) -> Int { count + 5 * ((count + 65_534) / 65_535) }

    /// The byte that ends a message after a stored block.
    ///
    /// It is the first byte of an empty stored block, whose other four bytes the receiver adds (RFC 7692, section
    /// 7.2.1).
    package static let end: UInt8 = 0
}

extension ByteBuffer {
    /// Appends bytes as stored blocks, which contain them uncompressed.
    mutating func writeStoredBlocks(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(65_535)
            rest = rest.dropFirst(part.count)
            let length = UInt16(part.count)
            writeInteger(0 as UInt8)
            writeInteger(length, endianness: .little)
            writeInteger(~length, endianness: .little)
            writeBytes(part)
        }
    }
}

/// Decompresses the messages of one `permessage-deflate` client (RFC 7692), up to a limit of bytes for each message.
///
/// Not thread-safe: one owner at a time. It uses up to 40 KiB of memory.
package final class Inflater {
    /// Why a message can't be decompressed.
    package enum Failure: Error, Equatable {
        /// It is not raw deflate data, or it refers to data that was not sent.
        case damaged
        /// It is larger than the limit when decompressed.
        case tooBig
    }

    // On the heap, because zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Makes a decompressor for any window size; `nil` when there is no memory for it.
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
    ///   - packed: Its payload as it was received, without the four bytes `00 00 ff ff`.
    ///   - limit: How many bytes the decompressed message may have.
    ///   - keepsContext: Whether it may refer to earlier messages.
    /// - Returns: The decompressed message.
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
            // Room for one byte more than allowed shows whether the message is larger than the limit.
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
            // All input was consumed, and there was no more output.
            case Z_BUF_ERROR where consumed == input.count: break
            default: throw .damaged
            }
        } while consumed < input.count || isFull
        return output
    }
}

/// Packs and unpacks bytes as one zlib stream, for files.
package enum PackedBytes {
    /// Packs bytes.
    ///
    /// - Parameter content: The bytes; less than 4 GiB.
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
    ///   - packed: A zlib stream.
    ///   - length: How many bytes it must have when unpacked.
    /// - Returns: The bytes; `nil` when the stream is damaged or has more or fewer bytes.
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

    /// The CRC-32 of two parts, one after the other.
    package static func checksum(_ head: [UInt8], _ rest: ArraySlice<UInt8>) -> UInt32 {
        let first = head.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        return UInt32(
            truncatingIfNeeded: rest.withUnsafeBufferPointer { crc32(first, $0.baseAddress, UInt32($0.count)) })
    }
}
