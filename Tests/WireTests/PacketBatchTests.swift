import JSONValues
import NIOCore
import Testing

@testable import Wire

@Suite("Runs of packets") struct PacketBatchTests {
    private func packet(_ text: String) -> OutboundMessage { OutboundMessage(kind: .direct, json: Array(text.utf8)) }

    private func address(_ buffer: ByteBuffer) -> UInt {
        buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
    }

    @Test("the frames of a run stand one after the other, and runs of a batch share them")
    func frames() {
        let long = String(repeating: "x", count: 70_000)
        let texts = ["42[\"a\"]", "42[\"b\",\"\(long)\"]", "42[\"c\",\"\(String(long.prefix(300)))\"]"]
        let batch = PacketBatch(texts.map(packet))
        let whole = PacketRun(batch, 0..<3)
        #expect(whole.packets.map(\.bytes) == texts.map { Array($0.utf8) })
        var bytes: [UInt8] = []
        for packet in batch.packets { bytes += packet.plain.head.readableBytesView }
        #expect(Array(whole.frames.readableBytesView) == bytes && whole.bytes == bytes.count)
        let rest = PacketRun(batch, 1..<3)
        #expect(Array(rest.frames.readableBytesView) == bytes.suffix(rest.bytes))
        #expect(address(rest.frames) == address(whole.frames) + UInt(batch.packets[0].size))
    }

    @Test("one packet is its own frame, which is not copied")
    func single() {
        let batch = PacketBatch([packet("42[\"a\"]"), packet("42[\"b\"]")])
        let run = PacketRun(batch, 1..<2)
        #expect(address(run.frames) == address(batch.packets[1].plain.head))
    }

    @Test("a packet with a shared tail is joined as a whole")
    func tail() {
        let shared = SharedBytes(ByteBuffer(string: "shared\"]"))
        let message = OutboundMessage(
            kind: .direct, tail: .init(shared: shared, pieces: [(shared.bytes, true)])
        ) { $0.writeString("42[\"") }
        let run = PacketRun(PacketBatch([message]), 0..<1)
        #expect(String(buffer: run.frames).hasSuffix("42[\"shared\"]") && run.frames.readableBytes == run.bytes)
    }
}
