import JSONValues
import NIOCore
import Testing
import World

@testable import Wire

@Suite("Large deltas of single receivers refer to the shared text") struct SharedDeltaTests {
    private let world = World(
        geometry: MapGeometry(id: 4, name: "m", width: 200, height: 20),
        schema: Schema(
            components: [ComponentDefinition(name: "mana", type: .number, isPrivate: true)], groups: []))
    private let encoder = DeltaEncoder()

    private func add(_ kind: EntityKind, _ id: Int) throws -> EntityHandle {
        try world.add(EntityRecord(key: EntityKey(kind, id), login: kind == .players ? "p" : nil, mapID: 4, x: 1, y: 2))
            .entity
    }

    @Test(
        "with the bytes of a copy: own members, an own record in the place of the public one, after it, or alone",
        arguments: ["members", "moves and changes", "changes only", "is the only player"], [0, 200])
    func pieces(what: String, enemies: Int) throws {
        let player = try add(.players, 1)
        let other = try add(.players, 2)
        let moving = try (0..<enemies).map { try add(.enemys, 100 + $0) }
        world.markAllSent()
        for (index, enemy) in moving.enumerated() { world.set(.x, Double(index % 100) + 0.5, slot: Int(enemy.slot)) }
        if what != "is the only player" { world.set(.x, 7, slot: Int(other.slot)) }
        if what == "moves and changes" { world.set(.y, 8, slot: Int(player.slot)) }
        if what != "members" { try world.setComponent("mana", to: .number(3), of: player) }
        encoder.encode(world, tick: 5, time: 1000)
        let members = OwnMembers(commands: what == "changes only" ? nil : Array(#"{"move":{"command_id":5}}"#.utf8))
        var copied: [UInt8] = []
        encoder.forEachPiece(slot: player.slot, members: members) { copied += $0 }
        // Whether or not the message that others share was made before.
        for _ in 0..<2 {
            let message = encoder.message(slot: player.slot, members: members, isCompressed: false)
            #expect(message.bytes == copied)
            #expect((message.plain.tail != nil) == (enemies > 0))
            #expect(message.plain.size == copied.count + (copied.count < 126 ? 2 : 4))
            var frame = message.plain.head
            for piece in message.plain.tail?.pieces ?? [] { frame.writeImmutableBuffer(piece.bytes) }
            #expect(Array(frame.readableBytesView.suffix(copied.count)) == copied)
            #expect(frame.getInteger(at: frame.readerIndex) == UInt8(0x81))
            if copied.count >= 126 {
                #expect(frame.getInteger(at: frame.readerIndex + 2) == UInt16(copied.count))
            }
            #expect(encoder.sharedMessage().json.object != nil)
        }
    }
}
