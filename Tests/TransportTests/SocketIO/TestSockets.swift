import JSONValues
import NIOCore
import NIOEmbedded
import Wire

@testable import Transport

/// A server for tests: it has the namespaces whose names have at most two bytes, such as `/` and `/a`, and keeps all of
/// its sockets.
final class TestSockets: SocketServer {
    /// The sockets that were accepted, in order.
    private(set) var sockets: [TestSocket] = []
    /// The links about which the server has not decided, in order, with their answers.
    private(set) var waiting: [(link: SocketLink, answer: (SocketDecision) -> Void)] = []
    private(set) var auths: [JSONObject?] = []
    /// Whether the server decides later, by ``decide(accepts:)``.
    var decidesLater = false
    /// Whether clients may come back to their sockets, if they have a store.
    var mayReturn = true
    /// What each socket does when it opens.
    var opened: (TestSocket) -> Void = { $0.link.setReading(true) }

    func connect(_ link: SocketLink, auth: JSONObject?, answer: @escaping (SocketDecision) -> Void) {
        auths.append(auth)
        waiting.append((link, answer))
        if !decidesLater { decide(accepts: link.namespace.utf8.count <= 2) }
    }

    /// The answer to the client that has waited the longest.
    func takeAnswer() -> (SocketDecision) -> Void { waiting.removeFirst().answer }

    /// Answers the client that has waited the longest.
    func decide(accepts: Bool) {
        let (link, answer) = waiting.removeFirst()
        guard accepts else { return answer(.refuse(.unknownNamespace)) }
        let socket = TestSocket(link, opened: opened)
        sockets.append(socket)
        answer(.accept(socket, mayReturn: mayReturn))
    }
}

/// A socket that notes what happens to it.
final class TestSocket: SocketSession {
    enum Happening: Equatable {
        case opened, heard, control, serverStops, shed
        case event(SocketEvent)
        case violated(CloseCode, String)
        case writable(Bool)
        case failed(String)
        case ended(SocketEnd)
    }

    let link: SocketLink
    private let whenOpened: (TestSocket) -> Void
    private var happenings: [Happening] = []
    var whenReceived: (SocketEvent) -> Void = { _ in }
    var whenTold: (Happening) -> Void = { _ in }
    var mayAnswerPing = true
    /// How many bytes its events had.
    private(set) var receivedBytes = 0

    init(_ link: SocketLink, opened: @escaping (TestSocket) -> Void) {
        self.link = link
        whenOpened = opened
    }

    /// What happened since the last call, but for what was heard.
    func take() -> [Happening] {
        defer { happenings = [] }
        return happenings.filter { $0 != .heard }
    }

    var heardCount: Int { happenings.count { $0 == .heard } }

    func opened() {
        happenings.append(.opened)
        whenOpened(self)
    }

    func received(_ event: SocketEvent, bytes: Int) {
        receivedBytes += bytes
        happenings.append(.event(event))
        whenReceived(event)
    }

    func heard() { happenings.append(.heard) }

    func receivedControl() -> Bool {
        happenings.append(.control)
        return mayAnswerPing
    }

    func violated(_ code: CloseCode, _ description: String) { happenings.append(.violated(code, description)) }
    func writabilityChanged(_ isWritable: Bool) { happenings.append(.writable(isWritable)) }
    func connectionShed() { happenings.append(.shed) }

    func serverStops() {
        happenings.append(.serverStops)
        whenTold(.serverStops)
    }

    func connectionFailed(_ error: any Error) { happenings.append(.failed("\(error)")) }

    func ended(_ end: SocketEnd) { happenings.append(.ended(end)) }
}

/// A client with its server, on one thread.
struct TestClient {
    let line = PacketLine()
    let server: TestSockets
    let client: SocketClient

    /// Opens a connection without a namespace.
    init(
        _ server: TestSockets = TestSockets(), recovery: RecoveryStore? = nil,
        configure: (inout SocketOptions) -> Void = { _ in }
    ) {
        self.server = server
        var options = SocketOptions()
        let ids = Counter()
        options.makeID = { ids.next() }
        configure(&options)
        client = SocketClient(line, server: server, options: options, recovery: recovery)
        line.open(client)
    }

    /// The latest accepted socket.
    var socket: TestSocket {
        guard let socket = server.sockets.last else { preconditionFailure("no socket was accepted") }
        return socket
    }

    /// Asks for a namespace, and forgets the answer and what happened.
    func join(_ namespace: String = "/") -> TestSocket {
        line.receive(.text(namespace == "/" ? "0" : "0\(namespace),"))
        _ = line.takeSent()
        _ = socket.take()
        return socket
    }

    func advance(by time: TimeAmount) { line.loop.advanceTime(by: time) }
}
