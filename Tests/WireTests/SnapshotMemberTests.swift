import NIOCore
import Testing

@testable import Wire

@Suite("A member that one client's snapshot has beside the map's") struct SnapshotMemberTests {
    private static let member = Array(#""resume":{"token":"ab","seconds":30}"#.utf8)

    /// The payload that a frame's own header announces, or `nil` when the header is wrong.
    private func payload(of message: OutboundMessage) -> String? {
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
        "stands behind the action, whatever the message's length", arguments: [0, 60, 90, 100, 65_400, 65_500, 70_000])
    func lengths(fill: Int) {
        let rest = fill == 0 ? "}" : #","x":"\#(String(repeating: "y", count: fill))"}"#
        let message = OutboundMessage(kind: .snapshot, json: Array((#"{"action":"load/index""# + rest).utf8))
        let expected = #"{"action":"load/index","resume":{"token":"ab","seconds":30}"# + rest
        let added = message.adding(member: Self.member)
        #expect(payload(of: added) == expected)
        #expect(added.size == added.plain.head.readableBytes)
        #expect(added.kind == .snapshot)
        #expect(String(buffer: added.payload) == expected)
    }

    @Test("leaves the part that other clients share in its buffer")
    func shared() {
        let shared = Array(#","players":[]}"#.utf8).withUnsafeBufferPointer { SharedBytes($0) }
        let tail = MessageFrame.Tail(shared: shared, pieces: [(shared.bytes, true)])
        let message = OutboundMessage(kind: .snapshot, tail: tail) {
            $0.writeString(#"{"action":"load/index","tick":1"#)
        }
        let added = message.adding(member: Self.member)
        #expect(
            payload(of: added)
                == #"{"action":"load/index","resume":{"token":"ab","seconds":30},"tick":1,"players":[]}"#)
        #expect(added.plain.tail?.shared === shared)
    }

    @Test(
        "is added to nothing but snapshots",
        arguments: [
            (.delta, #"{"action":"load/index"}"#), (.direct, #"{"action":"load/index"}"#), (.snapshot, "{}"),
            (.snapshot, ""),
        ] as [(OutboundMessage.Kind, String)])
    func others(kind: OutboundMessage.Kind, text: String) {
        let message = OutboundMessage(kind: kind, json: Array(text.utf8))
        #expect(payload(of: message.adding(member: Self.member)) == text)
    }
}
