import JSONValues
import Testing

@testable import World

@Suite("A program reads and sets the fields of one entity") struct EntityFieldTests {
    private let world = makeWorld()

    @Test("numbers and texts are read as they were set, and nothing is read from a removed entity")
    func fields() throws {
        let entity = try world.spawn(.animals, 1, x: 2, y: 3)
        #expect(world.position(of: entity)?.x == 2 && world.position(of: entity)?.y == 3)
        try world.move(entity, toX: -4.5, y: 7)
        try world.set(.sort, to: 9, of: entity)
        try world.set(.side, to: "left", of: entity)
        #expect(world.position(of: entity)?.x == -4.5 && world.position(of: entity)?.y == 7)
        #expect(world.number(.sort, of: entity) == 9)
        #expect(world.text(.side, of: entity) == "left")
        world.remove(entity)
        try world.move(entity, toX: 1, y: 1)
        try world.set(.side, to: "up", of: entity)
        #expect(world.position(of: entity) == nil)
        #expect(world.number(.sort, of: entity) == nil && world.text(.side, of: entity) == nil)
    }

    @Test("an entity that moved is found at its new position")
    func movedIsNear() throws {
        let entity = try world.spawn(.animals, 1, x: 1, y: 1)
        #expect(world.near(x: 12, y: 12, radius: 1).isEmpty)
        try world.move(entity, toX: 12, y: 12)
        #expect(world.near(x: 12, y: 12, radius: 1) == [entity])
    }

    @Test("numbers that are not finite and texts that are too long are refused, and nothing changes")
    func refusals() throws {
        let entity = try world.spawn(.animals, 1, x: 2, y: 3)
        #expect(throws: WorldError.notFinite(field: "y")) { try world.move(entity, toX: 5, y: .nan) }
        #expect(throws: WorldError.notFinite(field: "x")) { try world.move(entity, toX: .infinity, y: 5) }
        #expect(throws: WorldError.textTooLong(name: "action", given: 65_537, limit: 65_536)) {
            try world.set(.action, to: String(repeating: "x", count: 65_537), of: entity)
        }
        #expect(world.position(of: entity)?.x == 2 && world.position(of: entity)?.y == 3)
    }

    @Test("using a field with the wrong type is a programming error")
    func wrongType() async {
        await #expect(processExitsWith: .failure) {
            let world = makeWorld()
            _ = world.number(.side, of: try world.spawn(.animals, 1))
        }
        await #expect(processExitsWith: .failure) {
            let world = makeWorld()
            try world.set(.x, to: "1", of: try world.spawn(.animals, 1))
        }
    }
}

@Suite("A program reads changes and runs due events") struct WorldLoopTests {
    private let world = makeWorld()

    @Test("changes are given once: new and changed entities, and removals of known ones")
    func changes() throws {
        let first = try world.spawn(.animals, 1)
        let second = try world.spawn(.animals, 2)
        #expect(world.collectChanges() == World.Changes(changed: [first, second], removed: []))
        #expect(world.collectChanges() == World.Changes(changed: [], removed: []))
        try world.setComponent("hp", to: .number(1), of: second)
        world.remove(first)
        let brief = try world.spawn(.animals, 3)
        world.remove(brief)
        #expect(world.collectChanges() == World.Changes(changed: [second], removed: [EntityKey(.animals, 1)]))
    }

    @Test("due events run in order; an event that an earlier one removed does not run")
    func order() throws {
        let first = try world.spawn(.animals, 1)
        let second = try world.spawn(.animals, 2)
        try world.addEvent(group: "move", event: "up", to: second, now: 5)
        try world.addEvent(group: "regen", to: first, now: 5)
        try world.addEvent(group: "regen", to: second, now: 5)
        var ran: [String] = []
        world.runDueEvents(now: 5) { event in
            let names = world.names(of: event)
            ran.append("\(names.group)/\(names.event) \(event.entity == first ? 1 : 2)")
            if event.entity == first { world.remove(second) }
        }
        #expect(ran == ["regen/index 1"])
        #expect(world.nextDueTime() == nil)
    }

    @Test("a timeout delays a group, and an error leaves the other events queued")
    func timeoutAndError() throws {
        struct Stop: Error {}
        let entity = try world.spawn(.animals, 1)
        try world.setTimeoutEnd(8, ofGroup: "move", of: entity, now: 5)
        try world.addEvent(group: "move", event: "up", to: entity, now: 5)
        try world.addEvent(group: "regen", to: entity, now: 5)
        var ran = 0
        world.runDueEvents(now: 7) { _ in ran += 1 }
        #expect(ran == 1)
        try world.addEvent(group: "regen", to: entity, now: 8)
        #expect(throws: Stop.self) { try world.runDueEvents(now: 8) { _ in throw Stop() } }
        var rest: [String] = []
        world.runDueEvents(now: 8) { rest.append(world.names(of: $0).group) }
        #expect(rest == ["move"])
        #expect(throws: WorldError.self) { try world.setTimeoutEnd(1, ofGroup: "none", of: entity, now: 8) }
    }
}
