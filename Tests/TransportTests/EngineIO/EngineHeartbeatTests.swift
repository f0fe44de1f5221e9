import ClientFrames
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Transport

@Suite("Engine.IO: the heartbeat") struct EngineHeartbeatTests {
    let rig = EngineRig()

    @Test("polling: a ping comes each 300 ms, and the client's pong keeps the connection")
    func polling() throws {
        let sid = try rig.open()
        for _ in 0..<4 {
            let http = try rig.connect()
            #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
            rig.advance(299)
            #expect(try http.answer() == nil)
            rig.advance(1)
            #expect(try http.answer()?.body == "2")
            rig.advance(150)
            #expect(try rig.post(sid, "3")?.body == "ok")
        }
        #expect(rig.session.takeEvents() == ["opened"] + [String](repeating: "control", count: 4))
    }

    @Test(
        "polling: without a pong the connection ends after interval and timeout; a poll that waits gets a close packet")
    func pollingTimeout() throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        rig.advance(300)
        #expect(try http.answer()?.body == "2")
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil, "a poll is no answer to a ping")
        rig.advance(179)
        #expect(try http.answer() == nil)
        rig.advance(1)
        #expect(try http.answer()?.body == "1")
        #expect(try rig.poll(sid)?.status == .badRequest)
        #expect(
            rig.session.takeEvents() == ["opened", "failed: the client did not answer a ping in time", "ended"])
    }

    @Test("polling: a client that never polls and never sends is gone after interval and timeout")
    func silence() throws {
        let sid = try rig.open()
        rig.advance(479)
        #expect(rig.server.count == 1)
        rig.advance(1)
        #expect(rig.server.count == 0)
        #expect(try rig.post(sid, "3")?.status == .badRequest)
    }

    @Test("any packet of the client is an answer to a ping, and does not delay the next one")
    func messages() throws {
        let socket = try rig.webSocket()
        #expect(socket.takeSent().count == 1)
        for _ in 0..<3 {
            rig.advance(100)
            socket.receive("4x")
            rig.advance(200)
            #expect(socket.takeSent() == ["2"])
            socket.receive("4y")
        }
        rig.advance(300)
        #expect(socket.takeSent() == ["2"])
        rig.advance(200)
        #expect(socket.takeSent() == ["close 1001"])
        #expect(!socket.isOpen && rig.server.count == 0)
    }

    @Test("a ping that the session asks for must be answered too, in the time of the first without an answer")
    func asked() throws {
        let socket = try rig.webSocket()
        _ = socket.takeSent()
        rig.session.connection.ping()
        rig.advance(100)
        rig.session.connection.ping()
        #expect(socket.takeSent() == ["2", "2"])
        rig.advance(79)
        #expect(socket.isOpen)
        rig.advance(1)
        #expect(!socket.isOpen)
    }

    @Test("polling: a client whose request the server holds back is not dead, and then has its time to answer")
    func heldPost() throws {
        let sid = try rig.open()
        rig.session.connection.setReading(false)
        let http = try rig.connect()
        #expect(try http.post("EIO=4&transport=polling&sid=\(sid)", "4x") == nil)
        rig.advance(5000)
        #expect(rig.server.count == 1)
        // A ping is under way when the request gets its answer.
        rig.session.connection.ping()
        rig.advance(170)
        rig.session.connection.setReading(true)
        #expect(try http.answer()?.body == "ok")
        rig.advance(479)
        #expect(rig.server.count == 1)
        rig.advance(1)
        #expect(rig.server.count == 0)
    }

    @Test("polling: a client that collects nothing is gone in its time, though its request is held back for that")
    func heldUncollected() throws {
        let sid = try rig.open()
        rig.session.connection.setReading(false)
        rig.session.connection.limitWaiting(high: 100, low: 50)
        rig.session.send(String(repeating: "x", count: 101))
        #expect(try rig.post(sid, "4x") == nil)
        rig.advance(480)
        #expect(rig.server.count == 0)
        #expect(rig.session.takeEvents().suffix(2) == ["failed: the client did not answer a ping in time", "ended"])
    }

    @Test("a WebSocket that the server does not read is not dead; one that it reads is, also when its session does not")
    func pausedSocket() throws {
        let socket = try rig.webSocket()
        rig.session.connection.setReading(false)
        let text = String(repeating: "x", count: EngineCredit.high)
        socket.receive("4\(text)")
        #expect(!socket.isReading)
        rig.advance(5000)
        #expect(socket.isOpen)
        rig.session.connection.ping()
        rig.advance(170)
        rig.session.connection.setReading(true)
        #expect(socket.isReading)
        rig.advance(479)
        #expect(socket.isOpen)
        rig.session.connection.setReading(false)
        socket.receive("4x")
        rig.advance(480)
        #expect(!socket.isOpen && rig.server.count == 0)
    }

    @Test("the timers of an ended connection do nothing", arguments: [100, 350])
    func ended(at time: Int64) throws {
        _ = try rig.open()
        weak let connection = rig.session.connection
        rig.advance(time)
        connection?.closeNow()
        let events = rig.session.takeEvents()
        rig.advance(10_000)
        #expect(rig.session.takeEvents() == [] && events.last == "ended")
    }
}
