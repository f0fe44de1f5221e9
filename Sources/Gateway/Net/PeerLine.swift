import NIOCore

/// How to tell a peer something from any thread: its session, which is used on its event loop only.
struct PeerLine: Sendable {
    private let eventLoop: any EventLoop
    private let session: NIOLoopBound<SignalSession>

    /// Makes the line of a session; call it on the session's event loop.
    init(_ session: SignalSession, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.session = NIOLoopBound(session, eventLoop: eventLoop)
    }

    /// Sends a message; one to a peer that does not read is dropped.
    func send(_ message: [UInt8]) {
        let session = session
        eventLoop.execute { session.value.deliver(message) }
    }

    /// Ends the connection, because the peer has its key on a newer one.
    func replace() {
        let session = session
        eventLoop.execute { session.value.replace() }
    }
}
