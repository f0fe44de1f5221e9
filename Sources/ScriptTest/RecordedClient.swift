import JSONValues
import Simulation
import Synchronization
import Wire
import World

/// A player's client that keeps the messages that the map sends to it.
final class RecordedClient: SessionSink {
    /// One message and the time at which it was sent.
    struct Received {
        /// Unix time in seconds, by the map's clock.
        var time: Double
        var message: OutboundMessage

        var kind: OutboundMessage.Kind { message.kind }
        /// The message's JSON; null for a message that is not JSON.
        var json: JSON { message.json }
    }

    /// How many messages are kept. The oldest are removed down to this number when there are more than 1,000 above it.
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

    /// The messages that are kept, oldest first.
    var received: [Received] { state.withLock { $0.received } }

    /// How many messages were received, including those that are no longer kept.
    var count: Int { state.withLock { $0.count } }

    /// The messages after the first `count` ones, as far as they are kept.
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
