import FuzzDriver
import NIOCore
import WebRTC

/// libFuzzer over the messages that open channels. Any bytes are read or refused, and what was read is the same when it
/// is written and read again.
@main struct FuzzDCEP {
    static func main() {
        runFuzzer { bytes, length in
            let message = ByteBuffer(bytes: UnsafeBufferPointer(start: bytes, count: length))
            guard let open = try? ChannelOpen(parsing: message) else { return 0 }
            guard (try? ChannelOpen(parsing: open.bytes)) == open else { fail("another channel: \(open)") }
            if open.bytes.readableBytes != length {
                fail("a message of \(open.bytes.readableBytes) bytes from \(length)")
            }
            return 0
        }
    }
}
