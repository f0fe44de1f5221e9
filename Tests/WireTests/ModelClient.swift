import JSONValues
import Wire
import World

/// A client that follows only the protocol: it keeps the world that a snapshot and later deltas describe.
struct ModelClient {
    private(set) var entities: [String: [Int: JSONObject]] = [:]
    private(set) var tick = -1
    private(set) var messages = 0

    struct Failure: Error { var message: String }

    /// Replaces the world with a snapshot's.
    mutating func load(_ snapshot: JSON) throws {
        entities = [:]
        guard let object = snapshot.object, object["action"] == .string("load/index") else {
            throw Failure(message: "no snapshot: \(snapshot.text)")
        }
        tick = Int(object["tick"]?.number ?? -1)
        for kind in EntityKind.allCases {
            guard let records = object[kind.name]?.array else { throw Failure(message: "no \(kind.name)") }
            entities[kind.name] = [:]
            for record in records { try merge(record, kind: kind.name) }
        }
    }

    /// Applies a delta's records in their order.
    mutating func apply(_ delta: JSON) throws {
        guard let object = delta.object, let tick = object["tick"]?.number, Int(tick) > self.tick else {
            throw Failure(message: "ticks must increase: \(delta.text)")
        }
        self.tick = Int(tick)
        messages += 1
        for kind in EntityKind.allCases {
            guard let records = object[kind.name] else { continue }
            guard let list = records.array, !list.isEmpty else { throw Failure(message: "an empty \(kind.name)") }
            for record in list { try merge(record, kind: kind.name) }
        }
    }

    private mutating func merge(_ record: JSON, kind: String) throws {
        guard let new = record.object, let id = new["id"]?.number.map({ Int($0) }),
            new["key"] == .string("\(kind)_\(id)")
        else { throw Failure(message: "no id or key: \(record.text)") }
        if new["action"] == .string("remove") {
            guard entities[kind]?.removeValue(forKey: id) != nil else {
                throw Failure(message: "removed but unknown: \(record.text)")
            }
            return
        }
        guard var known = entities[kind]?[id] else {
            guard new["type"] != nil, new["components"] != nil, new["events"] != nil else {
                throw Failure(message: "incomplete and unknown: \(record.text)")
            }
            entities[kind]?[id] = new
            return
        }
        for (key, value) in new.members {
            switch key {
            case "components": known[key] = .object(merged(known[key]?.object, value.object))
            case "events":
                var events = known[key]?.object ?? [:]
                for (group, change) in value.object?.members ?? [] {
                    events[group] = .object(merged(events[group]?.object, change.object))
                }
                known[key] = .object(events)
            default: known[key] = value
            }
        }
        entities[kind]?[id] = known
    }

    private func merged(_ old: JSONObject?, _ new: JSONObject?) -> JSONObject {
        var result = old ?? [:]
        for (key, value) in new?.members ?? [] { result[key] = value }
        return result
    }

    /// The first difference from another client's state, without the receiver's `sides`; `nil` when there is none.
    func difference(to other: ModelClient) -> String? {
        for kind in EntityKind.allCases.map(\.name) {
            let (mine, theirs) = (entities[kind] ?? [:], other.entities[kind] ?? [:])
            for id in Set(mine.keys).union(theirs.keys).sorted() {
                var (left, right) = (mine[id], theirs[id])
                left?["sides"] = nil
                right?["sides"] = nil
                if left != right {
                    return "\(kind)_\(id): \(left.map { JSON.object($0).text } ?? "none")"
                        + " is not \(right.map { JSON.object($0).text } ?? "none")"
                }
            }
        }
        return nil
    }
}

extension SnapshotEncoder {
    /// The complete message for one receiver.
    func message(_ world: World, slot: UInt32, tick: Int, time: Double = 0) throws -> JSON {
        let head = Head(
            tick: tick, time: time, tickRate: 60, sides: Array(#"{"center":4}"#.utf8), timeouts: Array("{}".utf8))
        var bytes: [UInt8] = []
        forEachPiece(world, slot: slot, head: head) { bytes.append(contentsOf: $0) }
        return try JSON(parsing: bytes)
    }
}

extension DeltaEncoder {
    /// The complete message for one receiver or, without `slot`, the one that all others share.
    func message(slot: UInt32? = nil, commands: String? = nil) throws -> JSON {
        var bytes: [UInt8] = []
        forEachPiece(slot: slot, members: OwnMembers(commands: commands.map { Array($0.utf8) })) {
            bytes.append(contentsOf: $0)
        }
        return try JSON(parsing: bytes)
    }

    /// The message as it is built for compression.
    func joinedMessage(slot: UInt32? = nil) throws -> JSON {
        try JSON(parsing: withSharedPart { Array($0) } + ownPart(slot: slot))
    }
}
