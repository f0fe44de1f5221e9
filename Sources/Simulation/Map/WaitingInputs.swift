import Wire
import World

/// What waits for a map's next tick, with a bound for each kind of input.
///
/// Each source has a share of its own, so a flood is refused at its source and takes no room from others: commands of all
/// clients have one (each client's rate is bounded before), and so have their joins; events and arrivals have one for each
/// map that they come from. What must not be lost is always taken: leaves, of which there is one for a join, entities that
/// come back, what operators do. Of what is said again and again only the last is kept: the strips and watches of
/// neighbours, a client's wish for a snapshot, the game as it is now.
struct WaitingInputs {
    /// How much waits, or may.
    typealias Share = InputShare

    /// Commands of all clients.
    static let commands = Share(count: 65_536, bytes: 32 << 20)
    /// Players who join.
    static let joins = Share(count: 8192, bytes: 64 << 20)
    /// Events that one other map hangs on entities of this one.
    static let events = Share(count: 8192, bytes: 8 << 20)
    /// Entities that come from one other map.
    static let arrivals = Share(count: 8192, bytes: 16 << 20)
    /// What an input counts beside its texts and tables, in bytes: about what it takes in memory.
    static let weight = 256

    private var inputs: [MapInput] = []
    private var commands = Share.none
    private var joins = Share.none
    private var events: [Int: Share] = [:]
    private var arrivals: [Int: Share] = [:]
    /// Where the last watch and strip of each neighbour is.
    private var watches: [Int: Int] = [:]
    private var strips: [Int: Int] = [:]
    private var reloads: Set<SessionID> = []
    /// Where the last change of the game is.
    private var game: Int?

    var isEmpty: Bool { inputs.isEmpty }

    /// How many more events a map may hang on entities of this one, and how much they may count.
    func room(forEventsFrom origin: Int) -> Share {
        let waiting = events[origin] ?? .none
        return Share(count: Self.events.count - waiting.count, bytes: Self.events.bytes - waiting.bytes)
    }

    /// Puts an input in.
    ///
    /// - Parameters:
    ///   - input: The input.
    ///   - bytes: What it counts for its source, see ``bytes(of:)``.
    /// - Returns: `false` when its source has too much waiting.
    mutating func put(_ input: MapInput, bytes: Int) -> Bool {
        switch input {
        case .command: guard Self.take(bytes, from: &commands, of: Self.commands) else { return false }
        case .join: guard Self.take(bytes, from: &joins, of: Self.joins) else { return false }
        case .event(let event):
            guard Self.take(bytes, from: &events[event.mapID, default: .none], of: Self.events) else { return false }
        case .arrive(_, let origin?):
            guard Self.take(bytes, from: &arrivals[origin, default: .none], of: Self.arrivals) else { return false }
        case .replaceGame:
            if let game {
                inputs[game] = input
                return true
            }
            game = inputs.count
        case .reload(let session): guard reloads.insert(session).inserted else { return true }
        case .watch(let neighbour, let isNew):
            if let at = watches[neighbour], case .watch(_, let wasNew) = inputs[at] {
                inputs[at] = .watch(from: neighbour, isNew: wasNew || isNew)
                return true
            }
            watches[neighbour] = inputs.count
        case .border(var strip):
            if let at = strips[strip.mapID], case .border(let old) = inputs[at] {
                strip.acted.formUnion(old.acted)
                inputs[at] = .border(strip)
                return true
            }
            strips[strip.mapID] = inputs.count
        case .leave, .resume, .arrive: break
        }
        inputs.append(input)
        return true
    }

    /// Counts an entity of another map that waits elsewhere, whether there is room for it or not.
    mutating func count(_ input: MapInput, bytes: Int) {
        guard case .arrive(_, let origin?) = input else { return }
        arrivals[origin, default: .none].count += 1
        arrivals[origin, default: .none].bytes += bytes
    }

    /// One that is larger than the whole share fits where nothing else waits.
    private static func take(_ bytes: Int, from share: inout Share, of limit: Share) -> Bool {
        guard share.count < limit.count, share.count == 0 || share.bytes + bytes <= limit.bytes else { return false }
        share.count += 1
        share.bytes += bytes
        return true
    }

    /// Takes all that waits, in the order in which it came.
    mutating func takeAll() -> [MapInput] {
        defer { self = WaitingInputs() }
        return inputs
    }

    /// What an input counts for its source; 0 for what is always taken. O(its texts and tables).
    static func bytes(of input: MapInput) -> Int {
        switch input {
        case .command(_, let command, _): weight + JSON.object(command.parameters).weight
        case .event(let event): weight + JSON.object(event.data).weight
        case .arrive(let record, _), .join(let record, _): weight + record.weight
        case .leave, .reload, .replaceGame, .resume, .watch, .border: 0
        }
    }
}
