import GameRules
import JSONValues
import Simulation
import World

/// The answers about the worlds of maps. Names that the game declares are keys in them, so they are not made by
/// `OperatorJSON`, which would change those.
extension JSON {
    private static func whole(_ value: Int) -> JSON { .number(Double(value)) }

    /// For each type of entity a list of number, x, y, number, x, y …: few bytes, as it is asked five times a second.
    static func positions(_ positions: MapPositions, mapID: Int) -> JSON {
        var lists = [[JSON]](repeating: [], count: EntityKind.allCases.count)
        for place in positions.places {
            lists[Int(place.key.kind.rawValue)] += [
                whole(place.key.id), .number((place.x * 100).rounded() / 100),
                .number((place.y * 100).rounded() / 100),
            ]
        }
        var places = JSONObject()
        for kind in EntityKind.allCases { places.append(unique: kind.name, .array(lists[Int(kind.rawValue)])) }
        return .object([
            "map_id": whole(mapID), "tick": whole(positions.tick), "total": whole(positions.total),
            "shown": whole(positions.places.count), "microseconds": .number(positions.microseconds),
            "places": .object(places),
        ])
    }

    static func rows(_ rows: [EntityRow], total: Int, offset: Int) -> JSON {
        .object([
            "total": whole(total), "offset": whole(offset),
            "entities": .array(
                rows.map { row in
                    .object([
                        "key": .string(row.key.description), "type": .string(row.key.kind.name),
                        "name": .string(row.name), "prefab": .string(row.prefab), "x": .number(row.x),
                        "y": .number(row.y), "events": .array(row.events.map { .string($0) }),
                    ])
                }),
        ])
    }

    static func entity(_ entity: EntityView) -> JSON {
        let record = entity.record
        var object: JSONObject = [
            "key": .string(record.key.description), "type": .string(record.key.kind.name),
            "map_id": whole(record.mapID), "created": .number(record.created), "now": .number(entity.now),
            "fields": .object([
                "x": .number(record.x ?? 0), "y": .number(record.y ?? 0), "z": .number(record.z),
                "sort": .number(record.sort), "side": .string(record.side), "action": .string(record.action),
                "prefab": .string(record.prefab),
            ]),
        ]
        object["login"] = record.login.map { .string($0) }
        object["ping"] = record.ping.map { .number($0) }
        object["spawn_id"] = record.spawnID.map { whole($0) }
        object["view"] = entity.view.map { .number($0) }
        if entity.isAlwaysSeen { object["relevant"] = .string("always") }
        var components = JSONObject()
        for (name, value) in record.components.sorted(by: { $0.key < $1.key }) {
            components.append(unique: name, value)
        }
        object["components"] = .object(components)
        var events = JSONObject()
        for (group, state) in record.events.sorted(by: { $0.key < $1.key }) {
            var event: JSONObject = ["time": .number(state.time)]
            if let action = state.action {
                event["event"] = .string(action)
                event["data"] = state.data ?? .object([:])
                event["from_client"] = .bool(state.isFromClient)
            }
            events.append(unique: group, .object(event))
        }
        object["events"] = .object(events)
        return .object(object)
    }

    static func schema(_ schema: Schema) -> JSON {
        .object([
            "components": .array(
                schema.components.map { component in
                    .object([
                        "name": .string(component.name), "type": .string(component.type.rawValue),
                        "default": component.defaultValue, "private": .bool(component.isPrivate),
                        "trigger": .bool(component.hasTrigger),
                        "types": .array(
                            EntityKind.allCases.filter { component.kinds.contains($0) }.map { .string($0.name) }),
                    ])
                }),
            "groups": .array(
                schema.groups.map { group in
                    .object(["name": .string(group.name), "events": .array(group.events.map(event))])
                }),
            "api": .array(apiNames.map { .string($0) }),
        ])
    }

    private static func event(_ event: EventDefinition) -> JSON {
        .object([
            "name": .string(event.name), "public": .bool(event.isPublic), "repeats": .bool(event.repeats),
            "parameters": .array(
                event.parameters.map { parameter in
                    var object: JSONObject = [
                        "name": .string(parameter.name), "type": .string(parameter.type.rawValue),
                        "about": .string(parameter.about),
                    ]
                    // Without a default it is mandatory.
                    object["default"] = parameter.defaultValue
                    return .object(object)
                }),
        ])
    }

    /// The names that a snippet may use, for completion: `objects.add`, `object.x`, `print` …
    private static let apiNames: [String] = {
        func members(_ name: String, _ owner: ScriptAPI.Class) -> [String] {
            owner.members.map { "\(name).\($0.name)" }
        }
        return members("objects", ScriptAPI.objects) + members("map", ScriptAPI.map)
            + members("object", ScriptAPI.entity) + members("object.events", ScriptAPI.events)
            + ScriptAPI.functions.map(\.name)
    }()

    // MARK: - Console

    static func console(_ result: ConsoleResult) -> JSON {
        var object: JSONObject = [
            "ok": .bool(result.failure == nil), "output": .array(result.output.map { .string($0) }),
            "errors": .array(result.errors.map { .string($0) }), "omitted": whole(result.omitted),
        ]
        object["value"] = result.value.map { .string($0) }
        if let failure = result.failure {
            var shown: JSONObject = ["kind": .string(failure.kind), "message": .string(failure.message)]
            shown["line"] = failure.line.map { whole($0) }
            if !failure.traceback.isEmpty { shown["traceback"] = .string(failure.traceback) }
            object["error"] = .object(shown)
        }
        return .object(object)
    }

    static func dryRun(_ run: DryRun) -> JSON {
        var object = console(run.result).object ?? [:]
        object["entities"] = whole(run.entities)
        object["omitted_changes"] = whole(run.omitted)
        object["changes"] = .array(
            run.changes.map { change in
                var shown: JSONObject = [
                    "change": .string(change.kind.rawValue), "key": .string(change.key.description),
                ]
                shown["field"] = change.field.map { .string($0) }
                if change.kind != .added { shown["before"] = change.before }
                if change.kind != .removed { shown["after"] = change.after }
                return .object(shown)
            })
        object["effects"] = .array(run.effects.map(effect))
        return .object(object)
    }

    private static func effect(_ effect: OutsideEffect) -> JSON {
        func shown(_ what: String, _ key: EntityKey?, _ more: JSONObject = [:]) -> JSON {
            var object: JSONObject = ["effect": .string(what)]
            object["key"] = key.map { .string($0.description) }
            for member in more.members { object[member.key] = member.value }
            return .object(object)
        }
        return switch effect {
        case .send(let key, let message): shown("send", key, ["message": .string(message)])
        case .broadcast(let message): shown("broadcast", nil, ["message": .string(message)])
        case .save(let key): shown("save", key)
        case .move(let key, let mapID): shown("move", key, ["map_id": whole(mapID)])
        case .event(let event, let mapID):
            shown(
                "event", event.key,
                [
                    "map_id": whole(mapID), "group": .string(event.group), "event": .string(event.event),
                    "data": .object(event.data),
                ])
        case .disconnect(let key): shown("disconnect", key)
        }
    }
}
