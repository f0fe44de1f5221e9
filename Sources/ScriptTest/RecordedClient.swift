import JSONValues
import Simulation
import Synchronization
import Wire
import World

/// A player's client that keeps what it is sent.
final class RecordedClient: SessionSink {
    /// One message as it came.
    struct Received {
        /// Unix time in seconds, of the map's clock.
        var time: Double
        var message: OutboundMessage

        var kind: OutboundMessage.Kind { message.kind }
        /// The message's JSON; null for a message that is not JSON.
        var json: JSON { message.json }
    }

    /// The most messages kept; of more the oldest go.
    static let maxMessages = 10_000

    let id: SessionID
    let key: EntityKey
    let login: String
    /// Unused: ``TestMap`` itself delivers what a tick returns.
    let thread = SessionThread.caller
    private let state = Mutex((received: [Received](), count: 0))

    init(id: SessionID, key: EntityKey, login: String) {
        self.id = id
        self.key = key
        self.login = login
    }

    var playerID: Int { key.id }

    /// What came, oldest first.
    var received: [Received] { state.withLock { $0.received } }

    /// How many messages came, those that are not kept any more included.
    var count: Int { state.withLock { $0.count } }

    /// What came after the first so many messages.
    func received(after count: Int) -> ArraySlice<Received> {
        state.withLock { $0.received.suffix($0.count - count) }
    }

    func receive(_ message: OutboundMessage, at time: Double) {
        state.withLock { state in
            state.count += 1
            state.received.append(Received(time: time, message: message))
            let excess = state.received.count - Self.maxMessages
            if excess > 1_000 { state.received.removeFirst(excess) }
        }
    }

    func deliver(_ message: OutboundMessage) { receive(message, at: 0) }
    func flush() {}
}
