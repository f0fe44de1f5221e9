import JSONValues
import NIOCore
import Transport
import Wire

/// A player over Socket.IO: the connection of a ``Session`` on one socket of a client (`docs/socketio.md`).
///
/// Commands are events named `GROUP/EVENT`; their first argument has the parameters. The map's messages become events:
/// `load/index`, `delta`, `message` for the tables of scripts, `error` for refusals, and the server's notices under
/// their `action`. Used on the socket's event loop only.
final class PlayerSocket: ClientConnection, SocketSession {
    private let link: SocketLink
    private let socketPackets: SocketPackets
    private var session: (any ClientSession)?
    private var pending = PendingAcknowledgements()
    /// The number of the request that the session is handling; `nil` when it has its answer, or wants none.
    private var handling: Int?
    private var isOpen = false

    /// Makes the connection.
    ///
    /// - Parameter link: The socket.
    init(_ link: SocketLink) {
        self.link = link
        socketPackets = SocketPackets(namespace: link.namespace)
    }

    /// Sets the connection's session; call it before the socket is accepted.
    ///
    /// - Parameter session: The session; it is kept until the socket ends.
    func serve(_ session: any ClientSession) { self.session = session }

    // MARK: - Events of the client

    func opened() {
        isOpen = true
        session?.connectionOpened()
    }

    func received(_ event: SocketEvent, bytes: Int) {
        guard let session else { return }
        // The session refuses what is no command, as it does on other connections.
        let (command, commandID) = command(event)
        if let id = event.acknowledgement, let commandID,
            let dropped = pending.note(id, event.name, commandID: commandID)
        {
            acknowledge(dropped)
        }
        handling = event.acknowledgement
        session.received(JSON.object(command).bytes, isText: true)
        handling = nil
    }

    /// The event as a command, with the `command_id` by which it will be confirmed.
    private func command(_ event: SocketEvent) -> (JSONObject, Double?) {
        var command: JSONObject = ["action": .string(event.name)]
        let arguments = event.arguments.values
        guard arguments.count <= 1, event.arguments.attachments.isEmpty else {
            command["data"] = .array(Array(arguments))
            return numbered(command, of: event)
        }
        switch arguments.first {
        case nil, .null: break
        case .object(let members):
            var parameters = JSONObject()
            for (name, value) in members.members {
                if Self.ownMembers.contains(name) {
                    command[name] = value
                } else {
                    parameters.append(unique: name, value)
                }
            }
            command["data"] = .object(parameters)
        case .some(let other): command["data"] = other
        }
        return numbered(command, of: event)
    }

    /// The members of a payload that are no parameters [1-protocol 3].
    private static let ownMembers: Set<String> = ["command_id", "ping", "unixtime"]

    private func numbered(_ command: JSONObject, of event: SocketEvent) -> (JSONObject, Double?) {
        guard event.acknowledgement != nil else { return (command, nil) }
        if let own = command["command_id"], own != .null { return (command, own.number) }
        var command = command
        let id = pending.nextCommandID()
        command["command_id"] = .number(id)
        return (command, id)
    }

    private func acknowledge(_ answer: PendingAcknowledgements.Answer) {
        link.acknowledge(answer.id, [.object(answer.content)])
    }

    // MARK: - The map's messages

    var eventLoop: any EventLoop { link.eventLoop }
    var acceptsDeflate: Bool { false }
    var packets: SocketPackets? { socketPackets }
    var waitingBytes: Int { link.waitingBytes }

    func setReading(_ isOn: Bool) { link.setReading(isOn) }

    func send(_ message: OutboundMessage) {
        guard let packet = message.packet(for: socketPackets) else { return send(message.bytes, isText: true) }
        link.emit(packet)
        switch message.kind {
        case .snapshot: pending.answersToLoads().forEach(acknowledge)
        case .delta:
            guard !pending.isEmpty, let commands = message.commands, let confirmed = try? JSON(parsing: commands).object
            else { return }
            pending.answers(to: confirmed).forEach(acknowledge)
        default: break
        }
    }

    func size(of message: OutboundMessage) -> Int { message.payloadSize + Self.framing }

    /// How many bytes an event has beside its payload: its name, and the header of its frame.
    private static let framing = 24

    func send(_ bytes: [UInt8], isText: Bool) {
        guard let json = try? JSON(parsing: bytes), let object = json.object else { return }
        if let answer = pending.answer(to: object, during: handling) {
            // What comes next is not about the command any more, such as the reason of the end.
            handling = nil
            return acknowledge(answer)
        }
        let name = object["error"] != nil ? "error" : object["action"]?.string ?? "message"
        link.emit(name, [json])
    }

    func flush() { link.flush() }

    func ping() { link.ping() }

    func limitWaiting(high: Int, low: Int) { link.limitWaiting(high: high, low: low) }

    func close(_ code: CloseCode, reason: String) {
        // Stock clients come back by themselves after the end of the connection, but not after a disconnect packet.
        switch code {
        case .goingAway, .tryAgainLater, .internalError: link.close(code, reason: reason)
        default: link.disconnect()
        }
    }

    func closeNow() { link.closeNow() }

    func abort() { link.abort() }

    // MARK: - Signals of the connection

    func heard() { session?.heard() }
    func receivedControl() -> Bool { session?.receivedControl() ?? false }
    func violated(_ code: CloseCode, _ description: String) { session?.violated(code, description) }
    func writabilityChanged(_ isWritable: Bool) { session?.writabilityChanged(isWritable) }
    func connectionShed() { session?.connectionShed() }
    func serverStops() { session?.serverStops() }
    func connectionFailed(_ error: any Error) { session?.connectionFailed(error) }

    func ended(_ end: SocketEnd) {
        let session = session
        self.session = nil
        // A client that left before it was accepted never had a session.
        if isOpen { session?.connectionEnded() }
    }
}
