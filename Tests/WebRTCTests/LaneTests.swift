import NIOCore
import Testing

@testable import WebRTC

@Suite("The channels of a session") struct LaneTests {
    static let reliable = ChannelOpen(label: "reliable")
    static let fast = ChannelOpen(label: "fast", reliability: .lifetime(milliseconds: 100), isOrdered: false)

    private func take(_ opens: ChannelOpen...) -> (rules: LaneRules, problems: [String?]) {
        var rules = LaneRules()
        let problems = opens.enumerated().map { rules.take(RTCChannel(stream: UInt16(2 * $0), terms: $1)) }
        return (rules, problems)
    }

    @Test("both channels make a session, in any order")
    func complete() {
        #expect(take(Self.reliable, Self.fast).rules.areComplete)
        let (rules, problems) = take(Self.fast, Self.reliable)
        #expect(rules.areComplete && rules.fast == 0 && rules.reliable == 2 && !rules.isCompact)
        #expect(problems == [nil, nil])
        #expect(!take(Self.reliable).rules.areComplete)
    }

    @Test("the protocol of \"reliable\" chooses the encoding")
    func compact() {
        var open = Self.reliable
        open.subprotocol = "perigee.msgpack"
        #expect(take(open, Self.fast).rules.isCompact)
        open.subprotocol = "other"
        #expect(take(open).problems.first??.contains("perigee.msgpack") == true)
    }

    @Test(
        "other channels are refused with what is allowed",
        arguments: [
            (ChannelOpen(label: "reliable", isOrdered: false), "ordered"),
            (ChannelOpen(label: "reliable", reliability: .retransmits(3)), "ordered"),
            (ChannelOpen(label: "fast"), "maxPacketLifeTime"),
            (ChannelOpen(label: "fast", isOrdered: false), "maxPacketLifeTime"),
            (ChannelOpen(label: "fast", reliability: .retransmits(0)), "maxPacketLifeTime"),
            (ChannelOpen(label: "chat"), "\"reliable\" and \"fast\""),
        ])
    func refused(_ open: ChannelOpen, _ hint: String) {
        let (rules, problems) = take(open)
        #expect(problems.first??.contains(hint) == true)
        #expect(rules.reliable == nil && rules.fast == nil)
    }

    @Test("a second channel of a name is refused")
    func twice() { #expect(take(Self.reliable, Self.reliable).problems.last??.contains("once") == true) }

    @Test(
        "messages up to 4 KiB are sent as they are, longer ones in parts",
        arguments: [
            (4096, Int.max, nil), (4097, .max, [4097, 2]), (10_000, .max, [4097, 4097, 1809]), (10, 10, nil),
            (11, 10, [10, 3]), (3, 1, [2, 2, 2]),
        ])
    func parts(_ count: Int, _ limit: Int, _ sizes: [Int]?) {
        let message = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
        let parts = MessageParts.divide(message, isText: true, limit: limit)
        #expect(parts?.map(\.readableBytes) == sizes)
        guard let parts else { return }
        #expect(
            parts.map { $0.getInteger(at: 0, as: UInt8.self) } == [UInt8](repeating: 1, count: parts.count - 1) + [2])
        #expect(parts.flatMap { $0.readableBytesView.dropFirst() } == Array(message.readableBytesView))
    }

    @Test("a binary message that would look like a part is sent as one; the compact snapshot begins with 1")
    func partLookalikes() {
        for first: UInt8 in 0...3 {
            let message = ByteBuffer(bytes: [first, 7])
            let parts = MessageParts.divide(message, isText: false, limit: .max)
            #expect(parts == ([1, 2].contains(first) ? [ByteBuffer(bytes: [2, first, 7])] : nil))
            #expect(MessageParts.divide(message, isText: true, limit: .max) == nil)
        }
    }

    @Test("a connection is unwritable above the upper limit, until it is below the lower one")
    func limits() {
        var limits = WaitingLimits(high: 100, low: 50)
        #expect([100, 101, 150, 50, 49, 100].map { limits.change(waiting: $0) } == [nil, false, nil, nil, true, nil])
        limits.set(high: 10, low: 5)
        let isWritable = limits.change(waiting: 49)
        #expect(isWritable == false)
    }
}
