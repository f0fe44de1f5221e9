import NIOCore
import Testing

@testable import WebRTC

@Suite("What waits to be given to SCTP") struct ChannelOutboxTests {
    private var outbox = ChannelOutbox()

    init() {
        for (stream, text) in [(0, "one"), (2, "other"), (0, "three")] as [(UInt16, String)] {
            outbox.append(.message(.init(stream: stream), .text, ByteBuffer(string: text)))
            outbox.append(.reset(stream: stream))
        }
    }

    /// The streams of all things in their order, those of resets negative.
    private func drain(_ outbox: ChannelOutbox) -> [Int] {
        var outbox = outbox
        var streams: [Int] = []
        while let first = outbox.first {
            switch first {
            case .message(let terms, _, _): streams.append(Int(terms.stream))
            case .reset(let stream): streams.append(-Int(stream))
            }
            outbox.removeFirst()
        }
        #expect(outbox.isEmpty && outbox.bytes == 0)
        return streams
    }

    @Test("things keep their order, and bytes are counted")
    func order() {
        #expect(outbox.bytes == 13 + 6 * 128)
        #expect(drain(outbox) == [0, 0, 2, -2, 0, 0])
    }

    @Test("the messages of a stream can be removed")
    func remove() {
        var outbox = outbox
        outbox.remove(4)
        #expect(outbox.bytes == 13 + 6 * 128)
        outbox.remove(0)
        #expect(outbox.bytes == 5 + 4 * 128)
        #expect(drain(outbox) == [0, 2, -2, 0])
    }
}
