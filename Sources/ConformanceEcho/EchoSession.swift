import NIOCore
import Transport

/// The session of each connection of ``EchoServer``: sends every message back.
final class EchoSession: ClientSession {
    /// How long the client may take to answer a close frame.
    private static let closeTimeout = TimeAmount.seconds(1)

    private let connection: any ClientConnection
    private var closeTimer: Scheduled<Void>?

    init(_ connection: any ClientConnection) { self.connection = connection }

    func connectionOpened() { connection.setReading(true) }

    func heard() {}

    func received(_ message: [UInt8], isText: Bool) {
        connection.send(message, isText: isText)
        connection.flush()
    }

    func receivedControl() -> Bool { true }

    func violated(_ code: CloseCode, _ description: String) {
        connection.close(code, reason: description)
        startCloseTimer()
    }

    func clientCloses() { startCloseTimer() }

    private func startCloseTimer() {
        let connection = connection
        closeTimer = connection.eventLoop.assumeIsolated().scheduleTask(in: Self.closeTimeout) { connection.closeNow() }
    }

    /// Stops reading while the connection is unwritable, so that few echoes wait for a client that does not read.
    func writabilityChanged(_ isWritable: Bool) { connection.setReading(isWritable) }

    func connectionShed() { connection.abort() }

    func serverStops() {
        connection.close(.goingAway, reason: "the server stops")
        startCloseTimer()
    }

    func connectionFailed(_ error: any Error) {}
    func connectionEnded() { closeTimer?.cancel() }
}
