import JSONValues
import NIOCore
import Testing

@testable import Wire

@Suite("Packets made once for many receivers") struct SocketPacketsTests {
    private func text(_ message: OutboundMessage) -> String { String(buffer: message.payload) }

    /// The payload that a frame's own header announces, or `nil` when the header is wrong.
    private func framed(_ message: OutboundMessage) -> String? {
        var frame = message.plain.head
        for piece in message.plain.tail?.pieces ?? [] { frame.writeImmutableBuffer(piece.bytes) }
        guard frame.readInteger(as: UInt8.self) == 0x81, let short = frame.readInteger(as: UInt8.self) else {
            return nil
        }
        let length: Int? =
            switch short {
            case 126: frame.readInteger(as: UInt16.self).map(Int.init)
            case 127: frame.readInteger(as: UInt64.self).map(Int.init)
            default: Int(short)
            }
        return length == frame.readableBytes ? String(buffer: frame) : nil
    }

    @Test(
        "an event is a whole Engine.IO message",
        arguments: [
            ("/", [], #"42["a\"b"]"#), ("/", [.number(1), .string("x")], #"42["a\"b",1,"x"]"#),
            ("/custom", [], #"42/custom,["a\"b"]"#), ("/custom", [.null], #"42/custom,["a\"b",null]"#),
        ] as [(String, [JSON], String)])
    func events(namespace: String, arguments: [JSON], expected: String) {
        let packet = SocketPackets(namespace: namespace).event("a\"b", arguments)
        #expect(text(packet) == expected)
        #expect(framed(packet) == expected)
        #expect(packet.kind == .direct)
        #expect(packet.plain.tail == nil)
        #expect(packet.mark == nil)
    }

    @Test("arguments that are text already are taken as they are")
    func json() {
        let packets = SocketPackets()
        #expect(text(packets.event("a", json: Array(#"{"x":1},2"#.utf8))) == #"42["a",{"x":1},2]"#)
        #expect(text(packets.event("a", json: [])) == #"42["a"]"#)
    }

    @Test("a message becomes an event's argument, whatever its length", arguments: [0, 100, 16_383, 16_384, 70_000])
    func payload(fill: Int) {
        let json = #"{"x":"\#(String(repeating: "y", count: fill))"}"#
        let message = OutboundMessage(kind: .delta, json: Array(json.utf8))
        for namespace in ["/", "/custom"] {
            let start = namespace == "/" ? "42" : "42/custom,"
            let packet = SocketPackets(namespace: namespace).event("delta", payload: message)
            #expect(text(packet) == start + #"["delta",\#(json)]"#)
            #expect(framed(packet) == text(packet))
            #expect(packet.kind == .delta)
            #expect((packet.plain.tail != nil) == (json.utf8.count >= SharedBytes.minimum))
        }
    }

    @Test("what a message shares with others stays shared")
    func shared() {
        let shared = Array(#","players":[]}"#.utf8).withUnsafeBufferPointer { SharedBytes($0) }
        let tail = MessageFrame.Tail(shared: shared, pieces: [(shared.bytes, true)])
        let message = OutboundMessage(kind: .snapshot, tail: tail) { $0.writeString(#"{"id":7"#) }
        let packet = SocketPackets().event("load/index", payload: message)
        #expect(text(packet) == #"42["load/index",{"id":7,"players":[]}]"#)
        #expect(framed(packet) == text(packet))
        #expect(packet.plain.tail?.shared === shared)
        #expect(packet.plain.tail?.pieces.map(\.isShared) == [true, false])
    }

    @Test("with offsets each event has one more argument, and a mark with it")
    func offsets() throws {
        let packets = SocketPackets(namespace: "/x", offsets: PacketOffsets(prefix: "m1."))
        let first = packets.event("a", [.number(5)])
        #expect(text(first) == #"42/x,["a",5,"m1.1"]"#)
        #expect(first.mark?.offset == "m1.1")
        #expect(first.mark?.size == first.size)
        #expect(text(packets.event("a", [])) == #"42/x,["a","m1.2"]"#)
        for fill in [1, 20_000] {
            let json = "[\(String(repeating: " ", count: fill))]"
            let message = OutboundMessage(kind: .delta, json: Array(json.utf8))
            let packet = packets.event("b", payload: message)
            let offset = try #require(packet.mark?.offset)
            #expect(text(packet) == #"42/x,["b",\#(json),"\#(offset)"]"#)
            #expect(framed(packet) == text(packet))
        }
    }

    @Test("a packet without its offset is the packet that is made without offsets")
    func withoutOffset() {
        let plain = SocketPackets().event("a", [.number(5), .string("]")])
        let packets = SocketPackets(offsets: PacketOffsets(prefix: "m"))
        for _ in 0..<40 {
            let packet = packets.event("a", [.number(5), .string("]")])
            #expect(packet.bytesWithoutOffset == plain.bytes)
            #expect(packet.sizeWithoutOffset == plain.payloadSize)
        }
        #expect(plain.bytesWithoutOffset == plain.bytes && plain.sizeWithoutOffset == plain.payloadSize)
    }

    @Test("a packet's bytes count once, however many lists keep it")
    func marks() {
        let packet = SocketPacket(
            .event(SocketEvent("x", SocketArguments([SocketArguments.placeholder(0)], attachments: [[1, 2, 3]]))),
            namespace: "/")
        let mark = PacketMark(offset: "a", .own(packet))
        #expect(mark.size == packet.text.count + 3)
        let cost = mark.size + PacketMark.overhead
        #expect(mark.hold() == cost)
        #expect(mark.hold() == 0)
        #expect(mark.release() == 0)
        #expect(mark.release() == cost)
        #expect(mark.hold() == cost)
    }
}
