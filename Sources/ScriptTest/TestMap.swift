import GameFolder
import GameRules
import JSONValues
import LuaSandbox
import Simulation
import Wire
import World

/// A map of the game without a network, on a clock that only ``run(ticks:)`` moves.
final class TestMap {
    /// Unix time at which every test begins.
    static let start = 1_700_000_000.0
    /// Times that differ by less than this many seconds are one: sums of timeouts are not exact.
    private static let timeTolerance = 2e-6
    /// How much more time scripts have than on a server: what a test gives must not depend on how busy the machine is,
    /// and a limit's share of real time can pass while nothing runs.
    private static let timeFactor = 20

    let simulation: MapSimulation
    /// The test's VM on this map.
    let guest: GuestVM
    let store: TestStore
    let seed: UInt64
    var log = TestLog()
    /// Every client there ever was, by its player.
    private(set) var clients: [EntityKey: RecordedClient] = [:]
    /// Players that were on the map, by what stood for them in scripts.
    private var players: [HostReference: EntityKey] = [:]
    private var lastSession: SessionID = 0
    /// The map's rate in ticks a second.
    let rate: Double
    /// After how many ticks the pattern of those at which changes are sent begins anew.
    private let sendPeriod: Int
    /// How many ticks' time has passed since the start.
    private(set) var step = 0
    private let clock: SimulationClock
    private let deadline: UInt64

    /// Makes a map.
    ///
    /// - Parameters:
    ///   - game: The game.
    ///   - mapID: Which of its maps.
    ///   - seed: Starts the map's generators.
    ///   - hasEntities: Whether those of the map's file are put on it.
    ///   - sandbox: The test's VM, which sees the map from now on.
    ///   - clock: Measures what scripts take; the map's own time is a virtual one.
    ///   - deadline: CPU time at which ``run(ticks:)`` ends with an error, on that clock.
    /// - Throws: ``ScriptError`` when the memory limit does not hold a VM.
    init(
        game: GameDefinition, mapID: Int, seed: UInt64, hasEntities: Bool, sandbox: LuaSandbox, clock: SimulationClock,
        deadline: UInt64
    ) throws {
        store = TestStore(mapID: mapID, mapIDs: Set(game.maps.map(\.id)))
        var game = game
        game.configuration.eventTimeLimit *= Self.timeFactor
        game.configuration.timeoutTimeLimit *= Self.timeFactor
        rate = Double(game.configuration.tickRate)
        sendPeriod =
            game.configuration.tickRate
            / Self.divisor(
                game.configuration.tickRate, game.configuration.sendRate)
        self.seed = seed
        self.clock = clock
        self.deadline = deadline
        var surroundings = MapSimulation.Surroundings(
            ids: store, persistence: store, router: store,
            // The same test sees the same microtime(), however fast the machine is.
            clock: SimulationClock(now: { Self.start }, monotonic: { 0 }))
        // A test that lets an hour pass means its players to be there afterwards.
        surroundings.queuesBuiltInEvents = false
        simulation = try MapSimulation(
            game: game, mapID: mapID, seed: seed, surroundings: surroundings, now: Self.start)
        guest = try GuestVM(sandbox, of: simulation)
        // What does not load is told once for the whole game, not with every test.
        for error in simulation.log.errors { log.append(.error(error)) }
        simulation.log.onEntry = { [unowned self] in log.append($0) }
        if hasEntities { simulation.populate([], now: Self.start) }
        guest.refresh()
    }

    /// Unix time in seconds, of the last tick.
    private(set) var now = start

    // MARK: Time

    /// Lets time pass. Ticks in which nothing is due and nothing is to be sent are left out.
    ///
    /// - Parameters:
    ///   - ticks: How many ticks' time, from 1.
    ///   - inputs: What the first one takes in.
    /// - Throws: ``TestMistake`` when the test's time is up.
    func run(ticks: Int, inputs: [MapInput] = []) throws(TestMistake) {
        let target = step + ticks
        tick(at: step + 1, inputs)
        while step < target {
            if clock.cpu() > deadline {
                throw TestMistake("the test's time is up after \(formatted(now - Self.start)) simulated seconds")
            }
            tick(at: nextStep(until: target), [])
        }
    }

    /// The next tick to be run: the one in which something happens, or one shortly before it, so that changes are sent
    /// at the ticks at which they would be if none was left out.
    private func nextStep(until target: Int) -> Int {
        if simulation.world.hasChanges { return step + 1 }
        var next = target
        if let due = simulation.world.nextDueTime() {
            let ticks = ((due - Self.timeTolerance - Self.start) * rate).rounded(.up)
            if ticks < Double(target) { next = max(step + 1, Int(ticks)) }
        }
        return next - (next - step - 1) % sendPeriod
    }

    /// The greatest common divisor.
    private static func divisor(_ left: Int, _ right: Int) -> Int { right == 0 ? left : divisor(right, left % right) }

    private func tick(at newStep: Int, _ inputs: [MapInput]) {
        step = newStep
        now = Self.start + Double(step) / rate
        if let due = simulation.world.nextDueTime(), due > now, due - now < Self.timeTolerance { now = due }
        for delivery in simulation.tick(now: now, inputs: inputs) {
            (delivery.sink as? RecordedClient)?.receive(delivery.message, at: now)
        }
        guest.refresh()
    }

    // MARK: Entities

    /// Puts an entity that is not a player on the map.
    func spawn(_ kind: EntityKind, _ data: JSONObject) throws -> EntityKey {
        let record = try guest.record(EntityKey(kind, store.nextID(kind)), data)
        try guest.spawn(record)
        return record.key
    }

    /// Connects a player's client; runs the tick that takes it in.
    ///
    /// - Parameters:
    ///   - login: The user name; one that was here before comes back as it left.
    ///   - data: The entity's fields, as scripts give them.
    /// - Returns: The player.
    /// - Throws: ``TestMistake`` for a place where nobody can stand and for data of one who was here before; what
    ///   `MapSimulation.record` throws.
    func join(_ login: String, _ data: JSONObject) throws -> EntityKey {
        let known = clients.values.first { $0.login == login }?.key
        if known != nil, !data.isEmpty {
            throw TestMistake(
                "\(login) was on this map before and comes back as it left: join(\"\(login)\") takes no data")
        }
        let key = known ?? EntityKey(.players, store.nextID(.players))
        var record = try store.latest(key) ?? guest.record(key, data)
        guard record.mapID == store.mapID else {
            throw TestMistake("\(login) went to map \(record.mapID); a test has one map")
        }
        if let x = record.x, let y = record.y, !simulation.world.geometry.isWalkable(x: x, y: y) {
            throw TestMistake("nobody can stand at \(formatted(x)), \(formatted(y)) of map \(store.mapID)")
        }
        record.login = login
        lastSession += 1
        let client = RecordedClient(id: lastSession, key: key, login: login)
        clients[key] = client
        try run(ticks: 1, inputs: [.join(record, client)])
        guard let reference = guest.reference(of: key) else {
            throw TestMistake("\(login) is not on the map: \(client.received.last?.json.text ?? "the map is full")")
        }
        players[reference] = key
        return key
    }

    /// Closes a player's connection; runs the tick that notices it.
    func leave(_ key: EntityKey) throws(TestMistake) {
        guard let client = clients[key] else { throw TestMistake("\(key) has no client") }
        try run(ticks: 1, inputs: [.leave(client.id)])
    }

    /// Sends a command as a player's client would; runs the tick that takes it in, and the event if it is due.
    ///
    /// - Returns: What the client was told when it was refused; `nil` when it was taken.
    func command(_ key: EntityKey, _ action: String, _ parameters: JSONObject) throws(TestMistake) -> CommandRefusal? {
        guard let client = clients[key] else { throw TestMistake("\(key) has no client to send a command") }
        let message: JSONObject = [
            "action": .string(action), "command_id": .number((now * 1000).rounded()), "data": .object(parameters),
        ]
        let command: Command
        do throws(CommandError) {
            command = try Command.parse(message)
        } catch {
            return CommandRefusal(text: error.message, code: error.code.rawValue)
        }
        let before = client.count
        try run(ticks: 1, inputs: [.command(client.id, command, receivedAt: now)])
        let answer = client.received(after: before).first { $0.kind == .error }?.json.object
        return answer.map { CommandRefusal(text: $0["error"]?.string ?? "", code: $0["code"]?.string ?? "") }
    }

    /// The player of a proxy or a key, also one that is gone; `nil` for anything else.
    func player(_ call: HostCall, at index: Int) -> EntityKey? {
        if let reference = call.reference(at: index) { return players[reference] }
        guard let text = call.string(at: index) else { return nil }
        if let key = EntityKey(text), clients[key] != nil { return key }
        return clients.values.first { $0.login == text }?.key
    }
}

/// What a client was told of a command that was not taken.
struct CommandRefusal {
    var text: String
    var code: String
}

/// Why a request of a test can't be carried out: the text it reads, after the position.
struct TestMistake: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A number as Lua shows it.
func formatted(_ number: Double) -> String { JSON.number((number * 1e6).rounded() / 1e6).text }
