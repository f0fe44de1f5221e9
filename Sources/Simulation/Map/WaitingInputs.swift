import JSONValues
import Wire
import World

/// The inputs that wait for a map's next tick, with a bound for each kind of input.
///
/// Each source has its own share, so a flood from one source takes no room from others: the commands of all clients
/// have one share (each client's rate is limited earlier), their joins have one, and so have the events of all sockets
/// and their openings; events and arrivals have one share for each map that they come from. Inputs that must not be
/// lost are always accepted: leaves (at most one for each join), entities that were sent back, sockets that are gone,
/// operators' requests. Of inputs that are repeated only the newest is kept: the strips and watches of neighbours, a
/// client's request for a snapshot, the current game.
struct WaitingInputs {
    /// How much waits, or may wait.
    typealias Share = InputShare

    /// Commands of all clients.
    static let commands = Share(count: 65_536, bytes: 32 << 20)
    /// Players who join.
    static let joins = Share(count: 8192, bytes: 64 << 20)
    /// Events that one other map queues for entities of this one.
    static let events = Share(count: 8192, bytes: 8 << 20)
    /// Entities that come from one other map.
    static let arrivals = Share(count: 8192, bytes: 16 << 20)
    /// Clients that want to connect as sockets.
    static let openings = Share(count: 8192, bytes: 16 << 20)
    /// Events of all sockets.
    static let socketEvents = Share(count: 65_536, bytes: 32 << 20)
    /// The weight of an input without its texts and tables, in bytes: about what it takes in memory.
    static let weight = 256

    private var inputs: [MapInput] = []
    private var shares: [WaitingRule.Source: Share] = [:]
    /// Where the last input of each subject is in `inputs`.
    private var latest: [WaitingRule.Subject: Int] = [:]

    var isEmpty: Bool { inputs.isEmpty }

    /// How many more events a map may queue for entities of this one, and how much they may weigh.
    func room(forEventsFrom origin: Int) -> Share {
        let waiting = shares[.events(from: origin)] ?? .none
        return Share(count: Self.events.count - waiting.count, bytes: Self.events.bytes - waiting.bytes)
    }

    /// Adds an input.
    ///
    /// - Parameters:
    ///   - input: The input.
    ///   - rule: Its ``MapInput/waitingRule``; computed by the caller, outside its lock, because that takes time
    ///     proportional to the input's texts and tables.
    /// - Returns: `false` when too much of its source waits already.
    mutating func put(_ input: MapInput, _ rule: WaitingRule) -> Bool {
        switch rule {
        case .bounded(let source, let weight):
            guard Self.reserve(Self.weight + weight, from: &shares[source, default: .none], of: source.limit) else {
                return false
            }
        case .latest(let subject, _):
            if let at = latest[subject] {
                inputs[at] = input.replacing(inputs[at])
                return true
            }
            latest[subject] = inputs.count
        case .unbounded: break
        }
        inputs.append(input)
        return true
    }

    /// Counts an arrival that waits in ``EntryBacklog`` against its share, even when the share is full; ignores other
    /// inputs.
    mutating func count(_ rule: WaitingRule) {
        guard case .bounded(let source, let weight) = rule, case .arrivals = source else { return }
        count(InputShare(count: 1, bytes: Self.weight + weight), of: source)
    }

    /// Counts what waits elsewhere, such as in ``SocketBacklog``, against its share, even when that is full.
    mutating func count(_ share: InputShare, of source: WaitingRule.Source) {
        shares[source, default: .none].count += share.count
        shares[source, default: .none].bytes += share.bytes
    }

    /// An input that is larger than the whole share is accepted when nothing else of its source waits.
    private static func reserve(_ bytes: Int, from share: inout Share, of limit: Share) -> Bool {
        guard share.count < limit.count, share.count == 0 || share.bytes + bytes <= limit.bytes else { return false }
        share.count += 1
        share.bytes += bytes
        return true
    }

    /// Takes all that waits, in the order in which it came.
    mutating func takeAll() -> [MapInput] {
        defer {
            inputs = []
            // The capacity is kept for the next tick; it is bounded by the number of maps.
            shares.removeAll(keepingCapacity: true)
            latest = [:]
        }
        return inputs
    }
}

/// How an input waits for its tick.
enum WaitingRule {
    /// Refused when too much of its source waits, and when the map is closed. `weight` is that of its texts and tables,
    /// in bytes.
    case bounded(Source, weight: Int)
    /// Always accepted while the map is open.
    case unbounded(isTakenWhenClosed: Bool)
    /// Always accepted while the map is open; replaces an older input of the same subject.
    case latest(of: Subject, isTakenWhenClosed: Bool)

    /// A source that has its own share.
    enum Source: Hashable {
        case commands, joins, openings, socketEvents
        case events(from: Int), arrivals(from: Int)

        /// The most that may wait.
        var limit: InputShare {
            switch self {
            case .commands: WaitingInputs.commands
            case .joins: WaitingInputs.joins
            case .openings: WaitingInputs.openings
            case .socketEvents: WaitingInputs.socketEvents
            case .events: WaitingInputs.events
            case .arrivals: WaitingInputs.arrivals
            }
        }
    }

    /// The subject of inputs that are repeated.
    enum Subject: Hashable {
        case game
        case snapshot(SessionID)
        case watch(Int), strip(Int)
    }

    /// Whether a closed map accepts the input and does nothing, as for departures. It refuses joins and arrivals, so
    /// that the sender can redirect the player or keep the entity.
    var isTakenWhenClosed: Bool {
        switch self {
        case .bounded: false
        case .unbounded(let isTaken), .latest(_, let isTaken): isTaken
        }
    }
}
