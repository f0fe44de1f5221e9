import NIOCore
import Transport

/// Sends every message back; what lives on each connection of ``EchoServer``.
final class EchoSession: ClientSession {
    /// How long the client may take for its side of a close.
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

    /// A client that does not read what it is sent is not read either, so that at most one message waits for it.
    func writabilityChanged(_ isWritable: Bool) { connection.setReading(isWritable) }

    func connectionShed() { connection.abort() }
    func serverStops() { connection.closeNow() }
    func connectionFailed(_ error: any Error) {}
    func connectionEnded() { closeTimer?.cancel() }
}
