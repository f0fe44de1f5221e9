import GameRules
import JSONValues
import NIOCore
import NIOEmbedded
import ServerMetrics

@testable import Gateway
@testable import Transport

/// A network of peers on connections without sockets, whose clocks a test advances.
final class SignalBench {
    /// One peer's end of its connection.
    final class Peer {
        let connection = InMemoryConnection()
        private unowned let bench: SignalBench
        /// The peer's key, after it has joined.
        var key = ""
        var secret = ""

        init(_ bench: SignalBench) { self.bench = bench }

        /// Sends a message.
        func say(_ message: JSONObject) throws { try say(text: JSON.object(message).text) }

        func say(text: String) throws {
            try connection.receive(.text(text))
            bench.runLoops()
        }

        /// What the peer was told since the last call.
        func heard() throws -> [JSONObject] {
            bench.runLoops()
            return try connection.takeSent().compactMap(\.text).compactMap { try JSON(parsing: $0).object }
        }

        /// The types of what the peer was told since the last call.
        func types() throws -> [String] { try heard().compactMap { $0["type"]?.string } }

        /// Sends a message, and returns the one answer.
        func ask(_ message: JSONObject) throws -> JSONObject {
            _ = try heard()
            try say(message)
            return try heard().first ?? [:]
        }

        /// The code of the error with which a message is answered; `nil` when it is not refused.
        func refusal(_ message: JSONObject) throws -> String? { try ask(message)["code"]?.string }

        /// The close code, when the server has begun to close the connection.
        func closeCode() throws -> UInt16? {
            bench.runLoops()
            for case .close(let code) in try connection.takeSent() { return code }
            return nil
        }
    }

    let clock = TestClock()
    let registry = MetricRegistry()
    let network: PeerNetwork
    private var peers: [Peer] = []

    init(_ rules: PeerNetworkSettings = GameConfiguration().peerNetwork, turnSecret: [UInt8]? = nil) {
        network = PeerNetwork(
            rules, turnSecret: turnSecret, metrics: PeerNetworkMetrics(in: registry), time: clock.source)
    }

    /// Runs what the sessions have asked of each other's event loops.
    func runLoops() { for peer in peers { peer.connection.loop.run() } }

    /// Advances all clocks.
    func advance(by time: Duration) {
        clock.advance(by: time)
        for peer in peers { peer.connection.loop.advanceTime(by: TimeAmount(time)) }
        runLoops()
    }

    /// Opens a connection.
    func connect(address: String = "a", limits: SessionLimits = SessionLimits()) throws -> Peer {
        let peer = Peer(self)
        peers.append(peer)
        // A new loop begins at 0, the others have been advanced; only differences matter.
        try peer.connection.open(
            SignalSession(
                peer.connection, network: network, address: address, limits: limits, pausedTime: { .zero }))
        return peer
    }

    /// A peer that has joined a room and published ports.
    func join(room: String = "", address: String = "a", ports: Int...) throws -> Peer {
        let peer = try connect(address: address)
        let hello = try peer.ask(["type": .string("join"), "room": .string(room)])
        peer.key = hello["key"]?.string ?? ""
        peer.secret = hello["secret"]?.string ?? ""
        for port in ports { _ = try peer.ask(["type": .string("bind"), "port": .number(Double(port))]) }
        return peer
    }

    /// A peer's offer.
    static func offer(to key: String, port: Int = 8303, id: Int = 1, sdp: String = "v=0 offer") -> JSONObject {
        [
            "type": .string("offer"), "to": .string(key), "port": .number(Double(port)), "id": .number(Double(id)),
            "sdp": .string(sdp),
        ]
    }

    /// The answer to a peer's offer.
    static func answer(to key: String, id: Int = 1) -> JSONObject {
        ["type": .string("answer"), "to": .string(key), "id": .number(Double(id)), "sdp": .string("v=0 answer")]
    }
}
