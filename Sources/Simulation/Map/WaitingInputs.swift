import JSONValues
import Wire
import World

/// What waits for a map's next tick, with a bound for each kind of input.
///
/// Each source has a share of its own, so a flood is refused at its source and takes no room from others: commands of
/// all clients have one (each client's rate is bounded before), and so have their joins; events and arrivals have one
/// for each map that they come from. What must not be lost is always taken: leaves, of which there is one for a join,
/// entities that come back, what operators do. Of what is said again and again only the last is kept: the strips and
/// watches of neighbours, a client's wish for a snapshot, the game as it is now.
struct WaitingInputs {
    /// How much waits, or may.
    typealias Share = InputShare

    /// Commands of all clients.
    static let commands = Share(count: 65_536, bytes: 32 << 20)
    /// Players who join.
    static let joins = Share(count: 8192, bytes: 64 << 20)
    /// Events that one other map queues for entities of this one.
    static let events = Share(count: 8192, bytes: 8 << 20)
    /// Entities that come from one other map.
    static let arrivals = Share(count: 8192, bytes: 16 << 20)
    /// What an input counts beside its texts and tables, in bytes: about what it takes in memory.
    static let weight = 256

    private var inputs: [MapInput] = []
    private var shares: [WaitingRule.Source: Share] = [:]
    /// Where the last input of each subject is in `inputs`.
    private var latest: [WaitingRule.Subject: Int] = [:]

    var isEmpty: Bool { inputs.isEmpty }

    /// How many more events a map may queue for entities of this one, and how much they may count.
    func room(forEventsFrom origin: Int) -> Share {
        let waiting = shares[.events(from: origin)] ?? .none
        return Share(count: Self.events.count - waiting.count, bytes: Self.events.bytes - waiting.bytes)
    }

    /// Puts an input in.
    ///
    /// - Parameters:
    ///   - input: The input.
    ///   - rule: Its ``MapInput/waitingRule``, which takes time to find out: O(its texts and tables).
    /// - Returns: `false` when its source has too much waiting.
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

    /// Counts an entity of another map that waits elsewhere, whether there is room for it or not.
    mutating func count(_ rule: WaitingRule) {
        guard case .bounded(let source, let weight) = rule, case .arrivals = source else { return }
        shares[source, default: .none].count += 1
        shares[source, default: .none].bytes += Self.weight + weight
    }

    /// One that is larger than the whole share fits where nothing else waits.
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
            // Its memory is for the next tick; it is bounded by the number of maps.
            shares.removeAll(keepingCapacity: true)
            latest = [:]
        }
        return inputs
    }
}

/// How an input waits for its tick.
enum WaitingRule {
    /// It is refused when its source has too much waiting, and by a map that is closed. The weight is that of its texts
    /// and tables, in bytes.
    case bounded(Source, weight: Int)
    /// It is always taken while the map is open.
    case unbounded(isTakenWhenClosed: Bool)
    /// It is taken, and stands in the place of an older one of the same subject.
    case latest(of: Subject, isTakenWhenClosed: Bool)

    /// What has a share of its own.
    enum Source: Hashable {
        case commands, joins
        case events(from: Int), arrivals(from: Int)

        /// The most that may wait.
        var limit: InputShare {
            switch self {
            case .commands: WaitingInputs.commands
            case .joins: WaitingInputs.joins
            case .events: WaitingInputs.events
            case .arrivals: WaitingInputs.arrivals
            }
        }
    }

    /// What is said again and again.
    enum Subject: Hashable {
        case game
        case snapshot(SessionID)
        case watch(Int), strip(Int)
    }

    /// Whether a closed map accepts it and does nothing: departures. It refuses arrivals, so that the sender can
    /// redirect the player.
    var isTakenWhenClosed: Bool {
        switch self {
        case .bounded: false
        case .unbounded(let isTaken), .latest(_, let isTaken): isTaken
        }
    }
}
