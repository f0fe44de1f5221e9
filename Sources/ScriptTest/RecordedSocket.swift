import JSONValues
import Simulation
import Synchronization
import Wire

/// A client of Socket.IO that keeps what the map sends to it.
final class RecordedSocket: SocketSink {
    /// An event and the time at which it was sent.
    struct Event {
        /// Unix time in seconds, by the map's clock.
        var time: Double
        var name: String
        var arguments: [JSON]

        /// The event as `world.emitted` shows it; `data` is its first argument.
        var json: JSON {
            var object: JSONObject = ["name": .string(name), "args": .array(arguments), "time": .number(time)]
            if let data = arguments.first { object["data"] = data }
            return .object(object)
        }
    }

    private struct State {
        var events: [Event] = []
        var answers: [Int: [JSON]] = [:]
        var refusal: String?
        var isConnected = false
    }

    /// How many events are kept. The oldest are removed down to this number when there are more than 1,000 above it.
    static let maxEvents = 10_000

    let id: SessionID
    let socketID: String
    /// Unused: ``TestMap`` itself delivers what a tick returns.
    let thread = SessionThread.caller
    private let state = Mutex(State())

    init(id: SessionID, socketID: String) {
        self.id = id
        self.socketID = socketID
    }

    /// The events that are kept, oldest first.
    var events: [Event] { state.withLock { $0.events } }
    /// Why the connection was refused; `nil` when it was not.
    var refusal: String? { state.withLock { $0.refusal } }
    /// Whether the connection was accepted and has not ended.
    var isConnected: Bool { state.withLock { $0.isConnected } }

    /// Takes the answer to the event with this number; `nil` until the event is answered, and after the first call.
    func takeAnswer(_ number: Int) -> [JSON]? { state.withLock { $0.answers.removeValue(forKey: number) } }

    /// Notes that the client closed the connection.
    func close() { state.withLock { $0.isConnected = false } }

    func receive(_ output: SocketOutput, at time: Double) {
        state.withLock { state in
            switch output {
            case .accept: state.isConnected = true
            case .refuse(let message): state.refusal = message
            case .packets(let run):
                state.events += run.packets.map { Event($0, at: time) }
                let excess = state.events.count - Self.maxEvents
                if excess > 1_000 { state.events.removeFirst(excess) }
            case .acknowledge(let number, let values): state.answers[number] = values
            case .refuseEvent(let number, let error): if let number { state.answers[number] = [error] }
            case .disconnect: state.isConnected = false
            case .close:
                if !state.isConnected { state.refusal = "sockets are on the game's start map" }
                state.isConnected = false
            }
        }
    }

    func deliver(_ output: SocketOutput) { receive(output, at: 0) }
    func flush() {}
}

extension RecordedSocket.Event {
    /// Reads a packet `42["name",…]`.
    fileprivate init(_ packet: OutboundMessage, at time: Double) {
        let values = (try? JSON(parsing: Array(packet.bytes.dropFirst(2))))?.array ?? []
        self.init(time: time, name: values.first?.string ?? "", arguments: Array(values.dropFirst()))
    }
}
