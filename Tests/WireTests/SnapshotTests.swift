import JSONValues
import Testing
import Wire
import World

@Suite("Snapshots") struct SnapshotTests {
    @Test("the message of 1-protocol.md 4.1, field by field, for a player and for another [M3.3–M3.6]")
    func message() throws {
        let schema = Schema(
            components: [
                ComponentDefinition(name: "bag", type: .json, defaultValue: .object([:]), isPrivate: true),
                ComponentDefinition(name: "hp", type: .number, kinds: EntityKindSet(.players)),
            ],
            groups: [
                EventGroupDefinition(name: "idle", events: []),
                EventGroupDefinition(name: "move", events: [EventDefinition(name: "index")]),
            ])
        let world = World(geometry: MapGeometry(id: 4, name: "m", width: 20, height: 20), schema: schema)
        let record = EntityRecord(
            key: EntityKey(.players, 24), login: "ann \"a\"", mapID: 4, prefab: "Player", x: -0.0, y: 5.5,
            action: "move", created: 1_668_106_433, events: ["move": EventRecord(time: 1_670_069_589.9)])
        let ann = try world.add(record, placement: .exact).entity
        let bob = try world.add(
            EntityRecord(key: EntityKey(.players, 25), login: "bob", mapID: 4, x: 1, y: 1)
        ).entity
        _ = try world.add(EntityRecord(key: EntityKey(.objects, 1), mapID: 4, prefab: "portal", x: 2, y: 2))
        let snapshots = SnapshotEncoder()
        snapshots.encode(world)
        func records(for receiver: EntityHandle) throws -> JSON {
            try snapshots.message(world, slot: receiver.slot, tick: 91233, time: 1_670_069_589.90124)
        }
        func expected(player: String, ann: String, bob: String) throws -> JSON {
            let common = "\"map_id\":4,\"z\":0,\"sort\":0,\"side\":\"down\""
            return try JSON(
                parsing: """
                    {"action":"load/index","tick":91233,"time":1670069589.9012,"map_id":4,"player":"\(player)","fps":60,
                     "sides":{"center":4},"timeouts":{},"enemys":[],"animals":[],
                     "players":[
                      {"id":24,"key":"players_24","type":"players","prefab":"Player","x":0,"y":5.5,"action":"move",
                       "created":"2022-11-10 18:53:53","login":"ann \\"a\\"","events":{"move":
                        {"action":null,"data":null,"command_id":null,"time":1670069589.9}},\(common),\(ann)},
                      {"id":25,"key":"players_25","type":"players","prefab":"","x":1,"y":1,"action":"",
                       "created":"1970-01-01 00:00:00","login":"bob","events":{},\(common),\(bob)}],
                     "objects":[
                      {"id":1,"key":"objects_1","type":"objects","prefab":"portal","x":2,"y":2,"action":"",
                       "created":"1970-01-01 00:00:00","events":{},\(common),"components":{}}]}
                    """)
        }
        let (shown, owned) = (
            "\"components\":{\"hp\":null}", "\"components\":{\"hp\":null,\"bag\":{}},\"sides\":{\"center\":4}"
        )
        #expect(try records(for: ann) == expected(player: "players_24", ann: owned, bob: shown))
        #expect(try records(for: bob) == expected(player: "players_25", ann: shown, bob: owned))
    }

    @Test("\"All four kinds are always present\" also on an empty map")
    func emptyMap() throws {
        let world = World(geometry: MapGeometry(id: 4, name: "m", width: 2, height: 2))
        let player = try world.add(EntityRecord(key: EntityKey(.players, 1), mapID: 4)).entity
        let snapshots = SnapshotEncoder()
        snapshots.encode(world)
        let object = try snapshots.message(world, slot: player.slot, tick: 1).object
        #expect(EntityKind.allCases.allSatisfy { object?[$0.name]?.array != nil })
        #expect(object?["enemys"] == .array([]))
    }
}
