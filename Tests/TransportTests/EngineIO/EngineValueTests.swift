import NIOCore
import Testing
import Wire

@testable import Transport

@Suite("Engine.IO: the values of a connection") struct EngineValueTests {
    @Test("an answer takes at most so many packets and bytes, and a larger packet alone")
    func queue() {
        var queue = EngineQueue()
        for number in 0..<20 { queue.append(.text(Array("\(number)".utf8))) }
        #expect(queue.bytes == 10 * 2 + 10 * 3)
        #expect(queue.take(most: 16, bytes: 1000).count == 16)
        #expect(queue.take(most: 16, bytes: 6).count == 2)
        queue.append(.text([UInt8](repeating: 32, count: 100)))
        #expect(queue.take(most: 16, bytes: 6).count == 2)
        #expect(queue.take(most: 16, bytes: 6).count == 1, "larger than an answer")
        #expect(queue.isEmpty && queue.bytes == 0)
        #expect(queue.take(most: 16, bytes: 6).isEmpty)
    }

    @Test("bytes that many receive are counted apart, as long as a packet with them waits")
    func shares() {
        let shared = [UInt8](repeating: 65, count: 20_000).withUnsafeBufferPointer { SharedBytes($0) }
        let tail = MessageFrame.Tail(
            shared: shared, pieces: [(shared.bytes, true), (ByteBuffer(string: "}"), false)])
        let message = OutboundMessage(kind: .snapshot, tail: tail) { $0.writeString("{") }
        var queue = EngineQueue()
        queue.append(.message(message))
        queue.append(.packet(message))
        #expect(queue.shared.count == 1)
        #expect(queue.bytes == 40_005 && queue.ownBytes == 5)
        _ = queue.take(most: 1, bytes: 1)
        #expect(queue.shared.count == 1 && queue.ownBytes == 2)
        _ = queue.take(most: 1, bytes: 1)
        #expect(queue.shared.isEmpty && queue.ownBytes == 0)
    }

    @Test("the pressure has two limits, as a channel's, and follows the WebSocket")
    func pressure() {
        var pressure = EnginePressure(high: 100)
        #expect(pressure.change(waiting: 100) == nil)
        #expect(pressure.change(waiting: 101) == false)
        #expect(pressure.change(waiting: 50) == nil)
        #expect(pressure.change(waiting: 49) == true)
        pressure.isSocketWritable = false
        #expect(pressure.change(waiting: 0) == false)
        pressure.limit(high: 10, low: 5)
        pressure.isSocketWritable = true
        #expect(pressure.change(waiting: 11) == nil)
        #expect(pressure.change(waiting: 4) == true)
    }

    @Test("a ping is due each interval after the client's answer; without one the client is dead at its timeout")
    func heartbeat() {
        let start = NIODeadline.uptimeNanoseconds(1)
        func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }
        var heartbeat = EngineHeartbeat(interval: .milliseconds(300), timeout: .milliseconds(200), now: start)
        #expect(heartbeat.rest(now: at(100)) == .milliseconds(200))
        #expect(heartbeat.heard(now: at(100)) == false, "messages do not move the ping")
        #expect(heartbeat.verdict(now: at(299)) == .wait)
        #expect(heartbeat.verdict(now: at(301)) == .ping)
        #expect(heartbeat.rest(now: at(301)) == .milliseconds(179), "counted from when it was due")
        heartbeat.pinged(now: at(310))
        #expect(heartbeat.rest(now: at(310)) == .milliseconds(170), "the time of the first ping goes on")
        #expect(heartbeat.heard(now: at(310)) == true)
        #expect(heartbeat.rest(now: at(310)) == .milliseconds(300))
        #expect(heartbeat.verdict(now: at(800)) == .ping)
        #expect(heartbeat.rest(now: at(800)) == .milliseconds(180), "much too late, so the client has its time")
        #expect(heartbeat.verdict(now: at(979)) == .wait)
        #expect(heartbeat.verdict(now: at(980)) == .dead)
        #expect(heartbeat.rest(now: at(2000)) == .zero)
    }

    @Test("a WebSocket stops to read while too much waits for its connection, and goes on once")
    func credit() {
        let credit = EngineCredit()
        #expect(!credit.add(EngineCredit.high))
        #expect(credit.add(1))
        #expect(!credit.take(EngineCredit.high / 2))
        #expect(credit.take(2))
        #expect(!credit.take(1))
        #expect(!credit.add(10))
    }
}
