import NIOCore
import Testing

@testable import WebRTC

@Suite("The gate of messages that may get lost") struct SendGateTests {
    var gate = SendGate()
    static let now = NIODeadline.uptimeNanoseconds(10_000_000_000)

    /// A packet of SCTP with a chunk for each TSN, or with another chunk for each negative number.
    static func packet(_ chunks: [(tsn: Int, count: Int)], on stream: UInt16 = 0) -> ByteBuffer {
        var packet = ByteBuffer(repeating: 0, count: 12)
        for (tsn, count) in chunks {
            packet.writeMultipleIntegers(
                UInt8(tsn < 0 ? 3 : 0), UInt8(3), UInt16(16 + count), UInt32(truncatingIfNeeded: tsn), stream,
                UInt16(0), UInt32(0))
            packet.writeRepeatingByte(7, count: count + (-count & 3))
        }
        return packet
    }

    mutating func send(_ chunks: (tsn: Int, count: Int)..., on stream: UInt16 = 0) {
        let packet = Self.packet(chunks, on: stream)
        packet.withUnsafeReadableBytes { gate.noteSent($0) }
    }

    func isOpen(inFlight: Int = 1, silent milliseconds: Int64 = 0) -> Bool {
        gate.isOpen(inFlight: inFlight, heardAt: Self.now, now: Self.now + .milliseconds(milliseconds))
    }

    @Test("it is closed while more bytes than those of a part were not sent")
    mutating func unsent() {
        #expect(isOpen())
        gate.noteQueued(4097)
        #expect(isOpen())
        gate.noteQueued(401)
        #expect(!isOpen())
        send((5, 400))
        #expect(!isOpen() && gate.unsentBytes == 4098)
        send((-1, 100), (6, 1))
        #expect(isOpen() && gate.unsentBytes == 4097)
    }

    @Test("it is closed while a message that may get lost is in no packet")
    mutating func second() {
        gate.noteQueued(1000)
        gate.noteQueued(10, mayGetLostOn: 2)
        #expect(!isOpen())
        send((5, 400))
        #expect(!isOpen())
        send((5, 400), on: 2)
        #expect(!isOpen(), "a packet that is sent again says nothing")
        send((6, 10), on: 2)
        #expect(isOpen() && gate.unsentBytes == 600)
        gate.noteQueued(10, mayGetLostOn: 2)
        gate.noteRefused(10, mayGetLostOn: 2)
        #expect(isOpen())
        gate.noteQueued(10, mayGetLostOn: 2)
        send((7, 610))
        #expect(isOpen(), "nothing is unsent")
        gate.noteQueued(10, mayGetLostOn: 2)
        gate.noteAllAcknowledged()
        #expect(isOpen())
    }

    @Test("what is sent again does not count, also when the numbers begin again")
    mutating func again() {
        gate.noteQueued(400)
        send((0xFFFF_FFFE, 100))
        send((0xFFFF_FFFE, 100))
        #expect(gate.unsentBytes == 300)
        send((0xFFFF_FFFF, 100), (0, 100))
        send((0xFFFF_FFFF, 100))
        #expect(gate.unsentBytes == 100)
        send((1, 100))
        #expect(isOpen())
    }

    @Test("a refused message is taken back, and nothing is unsent when all is acknowledged")
    mutating func corrections() {
        gate.noteQueued(100)
        gate.noteRefused(100)
        #expect(isOpen())
        gate.noteQueued(100)
        gate.noteAllAcknowledged()
        #expect(isOpen())
        send((1, 100))
        #expect(gate.unsentBytes == 0)
    }

    @Test(
        "it is closed while the client owes acknowledgements and is silent for half a second",
        arguments: [
            (1, 499, true), (1, 500, false), (0, 5000, true),
        ])
    func silence(_ inFlight: Int, _ milliseconds: Int64, _ expected: Bool) {
        #expect(isOpen(inFlight: inFlight, silent: milliseconds) == expected)
    }

    @Test("packets that are cut are read as far as they go", arguments: 0..<64)
    mutating func cut(to count: Int) {
        gate.noteQueued(1000)
        let packet = Self.packet([(1, 5), (2, 6)])
        packet.withUnsafeReadableBytes { gate.noteSent(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        #expect(gate.unsentBytes >= 989)
    }
}
