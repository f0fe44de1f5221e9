import NIOCore
import Wire

@testable import Gateway
@testable import Transport

/// A connection without a socket on an event loop that runs on a thread of its own, with the client's end of it. Its
/// texts are packets of Socket.IO, without the digit of the Engine.IO message.
///
/// `@unchecked Sendable`: its `var`s are used on the event loop alone; the `async` functions hop there.
final class LoopLine: PacketConnection, @unchecked Sendable {
    let eventLoop: any EventLoop
    private var session: (any ClientSession)?
    private var queued: [String] = []
    private var delivered: [String] = []
    private var waiters: [(count: Int, promise: EventLoopPromise<Void>)] = []

    let acceptsDeflate = false
    let waitingBytes = 0

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    // MARK: - The server's end

    func setReading(_ isOn: Bool) {}
    func size(of message: OutboundMessage) -> Int { message.size }
    func send(_ message: OutboundMessage) { queued.append(String(buffer: message.payload)) }
    func send(_ bytes: [UInt8], isText: Bool) { queued.append(String(decoding: bytes, as: UTF8.self)) }
    func send(packet: OutboundMessage) { queued.append(String(String(buffer: packet.payload).dropFirst())) }
    func send(run: PacketRun) { for packet in run.packets { send(packet: packet) } }

    func flush() {
        if session != nil { delivered += queued }
        queued = []
        let ready = waiters.filter { $0.count <= delivered.count }
        waiters.removeAll { $0.count <= delivered.count }
        for waiter in ready { waiter.promise.succeed() }
    }

    func ping() {}
    func limitWaiting(high: Int, low: Int) {}
    func close(_ code: CloseCode, reason: String) { end() }
    func closeNow() { end() }
    func abort() { end() }

    private func end() {
        let session = session
        self.session = nil
        session?.connectionEnded()
    }

    // MARK: - The client's end

    /// Opens the connection and asks for the main namespace.
    ///
    /// - Parameters:
    ///   - auth: The payload with which the client asks.
    ///   - makeSession: Makes the connection's session, on the event loop.
    /// - Throws: What the event loop throws that has ended.
    func open(auth: String, _ makeSession: @escaping @Sendable (LoopLine) -> any ClientSession) async throws {
        try await eventLoop.submit {
            let session = makeSession(self)
            self.session = session
            session.connectionOpened()
            session.received(Array("0\(auth)".utf8), isText: true)
        }.get()
    }

    /// Waits until the client has so many packets.
    func wait(forPackets count: Int) async throws {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute {
            self.waiters.append((count, promise))
            self.flush()
        }
        try await promise.futureResult.get()
    }

    /// Ends the connection, as if the client had vanished, and returns what the client was sent.
    func lose() async throws -> [String] {
        try await eventLoop.submit {
            self.end()
            return self.delivered
        }.get()
    }
}
