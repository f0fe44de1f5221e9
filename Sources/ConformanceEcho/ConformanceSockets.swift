import JSONValues
package import Transport
import Wire

/// The Socket.IO server that conformance suites expect: the namespaces `/` and `/custom`, whose sockets echo.
package enum ConformanceSockets {
    /// Serves a client.
    ///
    /// - Parameter connection: The client's connection.
    /// - Returns: The connection's session.
    package static func session(for connection: any PacketConnection) -> any ClientSession {
        SocketClient(connection, server: EchoSockets())
    }
}

private final class EchoSockets: SocketServer {
    func connect(_ link: SocketLink, auth: JSONObject?, answer: @escaping (SocketDecision) -> Void) {
        guard ["/", "/custom"].contains(link.namespace) else { return answer(.refuse(.unknownNamespace)) }
        answer(.accept(EchoSocket(link, auth: auth ?? [:])))
    }
}

/// Says which `auth` it got, sends each `message` back as `message-back`, and acknowledges each `message-with-ack` with
/// its arguments.
private final class EchoSocket: SocketSession {
    private let link: SocketLink
    private let auth: JSONObject

    init(_ link: SocketLink, auth: JSONObject) {
        self.link = link
        self.auth = auth
    }

    func opened() {
        link.emit("auth", [.object(auth)])
        link.setReading(true)
    }

    func received(_ event: SocketEvent, bytes: Int) {
        switch event.name {
        case "message": link.emit("message-back", event.arguments)
        case "message-with-ack":
            guard let id = event.acknowledgement else { return }
            link.acknowledge(id, event.arguments)
        default: return
        }
        link.flush()
    }

    func heard() {}
    func receivedControl() -> Bool { true }
    func violated(_ code: CloseCode, _ description: String) {}

    /// Stops reading while the connection is unwritable, so that few echoes wait for a client that does not read.
    func writabilityChanged(_ isWritable: Bool) { link.setReading(isWritable) }

    func connectionShed() { link.abort() }
    func serverStops() { link.closeNow() }
    func connectionFailed(_ error: any Error) {}
    func ended(_ end: SocketEnd) {}
}
