import GameFolder
import GameRules
import JSONValues
import LuaSandbox
import Simulation
import Wire
import World

/// A map of the game without a network, on a virtual clock that only ``run(ticks:inputs:)`` advances.
final class TestMap {
    /// The Unix time at which every test begins, in seconds.
    static let start = 1_700_000_000.0
    /// Times that differ by less than this many seconds count as equal, because sums of timeouts are not exact.
    private static let timeTolerance = 2e-6
    /// The game's time limits of scripts are multiplied by this: the result of a test must not depend on how busy the
    /// machine is, and a limit also bounds real time, which passes even while the thread does not run.
    private static let timeFactor = 20

    let simulation: MapSimulation
    /// The test's VM on this map.
    let guest: GuestVM
    let store: TestStore
    let seed: UInt64
    var log = TestLog()
    /// All clients that have ever joined, by their players' keys.
    private(set) var clients: [EntityKey: RecordedClient] = [:]
    /// The keys of all players that have ever joined, by the references of their proxies.
    private var players: [HostReference: EntityKey] = [:]
    /// All clients of Socket.IO that have ever connected, by the ids of their sockets.
    private(set) var sockets: [String: RecordedSocket] = [:]
    private var lastSession: SessionID = 0
    private var lastAnswer = 0
    /// The numbers of players that came as sockets alone, by their logins.
    private var socketPlayers: [String: Int] = [:]
    /// The map's rate in ticks a second.
    let rate: Double
    /// The number of ticks after which the pattern of send ticks repeats.
    private let sendPeriod: Int
    /// The number of the current tick since the start; skipped ticks are counted too.
    private(set) var step = 0
    private let clock: SimulationClock
    private let deadline: UInt64

    /// Makes a map.
    ///
    /// - Parameters:
    ///   - game: The game.
    ///   - mapID: The id of the map.
    ///   - seed: The seed of the map's random generators.
    ///   - hasEntities: Whether the entities of the map's file are spawned.
    ///   - sandbox: The test's VM, which gets access to the map.
    ///   - clock: Measures the CPU time of scripts; the map's own clock is virtual.
    ///   - deadline: The CPU time on `clock`, in nanoseconds, after which ``run(ticks:inputs:)`` throws.
    /// - Throws: ``ScriptError`` when the memory limit is too small for a VM.
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
            // `microtime()` must not depend on the speed of the machine: no time passes within a tick.
            clock: SimulationClock(now: { Self.start }, monotonic: { 0 }))
        // A test that advances the clock by an hour expects its players to stay; `disconnect` would remove them.
        surroundings.queuesBuiltInEvents = false
        simulation = try MapSimulation(
            game: game, mapID: mapID, seed: seed, surroundings: surroundings, now: Self.start)
        guest = try GuestVM(sandbox, of: simulation)
        // Errors of scripts that don't load; `GameTests` reports them once for the game, not for each test.
        for error in simulation.log.errors { log.append(.error(error)) }
        simulation.log.onEntry = { [unowned self] in log.append($0) }
        if hasEntities { simulation.populate([], now: Self.start) }
        guest.refresh()
    }

    /// The Unix time of the last tick, in seconds.
    private(set) var now = start

    // MARK: Time

    /// Advances the clock. Ticks in which nothing is due and nothing must be sent are skipped.
    ///
    /// - Parameters:
    ///   - ticks: The number of ticks, from 1; skipped ones are counted.
    ///   - inputs: The inputs of the first tick.
    /// - Throws: ``TestMistake`` when the test has used its CPU time.
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

    /// The number of the next tick to run: the tick of the next due event (at most `target`), or a tick up to
    /// `sendPeriod - 1` ticks earlier. The number of skipped ticks is a multiple of ``sendPeriod``, so that changes are
    /// sent at the same ticks as without skipping.
    private func nextStep(until target: Int) -> Int {
        if simulation.hasUnsentChanges || simulation.hasWaitingSockets { return step + 1 }
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
        for delivery in simulation.takeSocketDeliveries() {
            for output in delivery.outputs { (delivery.sink as? RecordedSocket)?.receive(output, at: now) }
        }
        guest.refresh()
    }

    // MARK: Entities

    /// Spawns an entity that is not a player.
    func spawn(_ kind: EntityKind, _ data: JSONObject) throws -> EntityKey {
        let record = try guest.record(EntityKey(kind, store.nextID(kind)), data)
        try guest.spawn(record)
        return record.key
    }

    /// Connects a player's client, and runs the tick in which the player joins.
    ///
    /// - Parameters:
    ///   - login: The user name; a player that was on the map before comes back as it left.
    ///   - data: The entity's fields, as for `objects.add`.
    /// - Returns: The player's key.
    /// - Throws: ``TestMistake`` for a position that is not walkable, and for data of a player that was on the map
    ///   before; an error of `GuestVM.record` for wrong data.
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

    /// Closes a player's connection, and runs the tick that handles it.
    func leave(_ key: EntityKey) throws(TestMistake) {
        guard let client = clients[key] else { throw TestMistake("\(key) has no client") }
        try run(ticks: 1, inputs: [.leave(client.id)])
    }

    /// Sends a command as a player's client would, and runs the tick that accepts it, with its event if that is due.
    ///
    /// - Returns: The refusal that the client got; `nil` when the command was accepted.
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

    // MARK: Sockets

    /// Makes a connection with an id that a test can tell from others.
    func addSocket() -> RecordedSocket {
        lastSession += 1
        let socket = RecordedSocket(id: lastSession, socketID: "socket\(sockets.count + 1)")
        sockets[socket.socketID] = socket
        return socket
    }

    /// A number for an answer that a client asks for.
    func nextAnswer() -> Int {
        lastAnswer += 1
        return lastAnswer
    }

    /// The number of the player with a login.
    func playerID(_ login: String) -> Int {
        if let known = clients.values.first(where: { $0.login == login })?.key.id ?? socketPlayers[login] {
            return known
        }
        let id = store.nextID(.players)
        socketPlayers[login] = id
        return id
    }

    /// The player of an argument: a proxy, a key or a login, also of a player that has left; `nil` for anything else.
    func player(_ call: HostCall, at index: Int) -> EntityKey? {
        if let reference = call.reference(at: index) { return players[reference] }
        guard let text = call.string(at: index) else { return nil }
        if let key = EntityKey(text), clients[key] != nil { return key }
        return clients.values.first { $0.login == text }?.key
    }
}

/// The answer that a client got for a refused command.
struct CommandRefusal {
    var text: String
    var code: String
}

/// Why a call of a test can't be carried out; the description is the message of the Lua error, without its position.
struct TestMistake: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A number as Lua shows it.
func formatted(_ number: Double) -> String { JSON.number((number * 1e6).rounded() / 1e6).text }
