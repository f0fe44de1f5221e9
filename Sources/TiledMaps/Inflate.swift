import CZlib

/// Unpacks a zlib or gzip stream.
///
/// - Parameters:
///   - packed: The whole stream.
///   - expected: How many bytes it must unpack to; the output never uses more memory, whatever the stream contains.
/// - Returns: The bytes; `nil` when the stream is damaged or unpacks to more or fewer bytes.
func inflated(_ packed: [UInt8], expected: Int) -> [UInt8]? {
    guard expected > 0, packed.count <= Int(UInt32.max), expected <= Int(UInt32.max) else { return nil }
    var stream = z_stream()
    guard czlib_inflate_init(&stream, 47) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var input = packed
    var isComplete = false
    let output = [UInt8](unsafeUninitializedCapacity: expected) { buffer, count in
        input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(expected)
            isComplete = inflate(&stream, Z_FINISH) == Z_STREAM_END
            stream.next_in = nil
            stream.next_out = nil
        }
        count = Int(stream.total_out)
    }
    return isComplete && output.count == expected ? output : nil
}
