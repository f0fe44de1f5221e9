import GameFolder
import LuaSandbox
import World

/// A map's VM: the scripts of the game over the map's world.
///
/// The world owns every value; scripts hold proxies. A script changes the world at once; its effects outside the world
/// wait in `effects`. Used by one thread at a time; reads clocks only through `clock`.
final class ScriptHost {
    let world: World
    let sockets: MapSockets
    let sandbox: LuaSandbox
    let log: MapLog
    let ids: any EntityIDSource
    let clock: SimulationClock
    let watcher: (any CallWatcher)?
    /// Counts the calls of scripts; `nil` when nobody asks for metrics.
    private(set) var metrics: MapMetrics?
    var limits: Limits
    var memory = WorldStore()
    var nodes = NodeHandles()
    let tableReleaser = TableReleaser()
    /// A second VM that has proxies of the same tables, see ``GuestVM``.
    weak var guest: LuaSandbox?
    var effects = ScriptEffects()
    var mutes = MutedPlayers()
    /// Packs the globals of calls; kept to reuse its memory.
    var packed = PackedWriter()
    var nearSearch = NearSearch()

    /// What scripts can use of other maps.
    var others: OtherMaps
    /// Unix time of the current tick, and its number.
    private(set) var now = 0.0 { didSet { sandbox.time = now } }
    private(set) var tick = 0
    private var tickStart: UInt64 = 0
    /// The time of all ticks of the map until now, in nanoseconds; the map sets it.
    var ticksNanoseconds: UInt64 = 0

    /// The compiled scripts; a script of which no version compiled is absent.
    var scripts = ScriptTable()
    var libs = RunningLibs()
    var failures: ScriptFailures
    var groupNumbers = EventGroupNumbers()
    var eventNames = EventNames()
    /// The built-in group `disconnect`; `nil` when no schema was applied yet.
    private(set) var disconnectGroup: Int?
    var running: RunningScripts
    var leaving = LeavingEntities()
    /// Why scripts may change nothing now: a timeout formula runs, or a lib loads; else `nil`.
    private var refusal: StaticString?
    let names: Names
    /// Whether scripts have the global `io`: the game has files in `sockets/`.
    private(set) var hasIO = false
    /// The event that runs and that its client wants an answer to.
    var acknowledging: Acknowledging?
    /// Counts such events.
    var acknowledgementCount: UInt32 = 0

    struct Limits {
        var event: TimeLimit
        var timeout: TimeLimit
        var memoryBytes: Int
    }

    /// A time limit of calls, also in the VM's unit, so that a call does not divide durations.
    struct TimeLimit {
        let duration: Duration
        let nanoseconds: UInt64

        init(_ duration: Duration) {
            self.duration = duration
            nanoseconds = LuaSandbox.nanoseconds(of: duration)
        }
    }

    typealias Frame = RunningScripts.Frame

    /// Globals that are set before a call.
    struct Names {
        let object, data, event, name, value, old, reason: LuaName
        let socket, arguments, acknowledge: LuaName
    }

    init(
        world: World, sockets: MapSockets, limits: Limits, seed: UInt64, log: MapLog, ids: any EntityIDSource,
        clock: SimulationClock,
        router: (any MapRouter)?, watcher: (any CallWatcher)? = nil, metrics: MapMetrics? = nil,
        crashed: CrashedScripts = CrashedScripts(nil)
    ) throws(ScriptError) {
        self.world = world
        self.sockets = sockets
        self.limits = limits
        self.log = log
        self.ids = ids
        self.clock = clock
        self.watcher = watcher
        self.metrics = metrics
        running = RunningScripts(clock)
        others = OtherMaps(router: router)
        failures = ScriptFailures(crashed: crashed)
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = limits.memoryBytes
        configuration.seed = seed
        configuration.maxSourceBytes = GameScript.maxBytes
        // A script's result is only used as a timeout or as a text for the log.
        configuration.maxResultBytes = MapLog.maxText
        sandbox = try LuaSandbox(configuration: configuration)
        sandbox.usesHostClock = true
        names = Names(
            object: try sandbox.name("object"), data: try sandbox.name("data"), event: try sandbox.name("event"),
            name: try sandbox.name("name"), value: try sandbox.name("value"), old: try sandbox.name("old"),
            reason: try sandbox.name("reason"), socket: try sandbox.name("socket"),
            arguments: try sandbox.name("args"), acknowledge: try sandbox.name("ack"))
        memory.refresh(world)
        sandbox.setStore(memory.store)
        try registerClasses(in: sandbox)
        tableReleaser.host = self
        // The VM asks only while the host, which owns it, calls it.
        sandbox.handler = { [unowned(unsafe) self] call in
            answer(call)
            memory.refresh(world)
        }
        try sandbox.resetSharedEnvironment()
    }

    /// Registers in a VM the classes of the world's proxies and the first globals of scripts.
    func registerClasses(in sandbox: LuaSandbox) throws(ScriptError) {
        for hostClass in [
            HostClass.entity(), .components(of: world), .events(), .group(), .objects(), .map(), .json(), .socket(),
            .broadcast(), .target(), .sockets(), .io(),
        ] {
            try sandbox.register(hostClass)
        }
        for member in [LuaClass.objects, .map] {
            try sandbox.setGlobal(
                member == .objects ? "objects" : "map", .reference(HostReference(classID: member.rawValue)),
                in: sandbox.baseEnvironment)
        }
        try sandbox.setFunction("microtime", id: LuaGlobal.microtime.rawValue, in: sandbox.baseEnvironment)
        try sandbox.setFunction("exists", id: LuaGlobal.exists.rawValue, in: sandbox.baseEnvironment)
        if hasIO { try setIO(hasIO, in: sandbox) }
    }

    /// Gives scripts whose environments are made from now on the global `io`, or not.
    func setIO(_ hasIO: Bool) throws(ScriptError) {
        guard hasIO != self.hasIO else { return }
        try setIO(hasIO, in: sandbox)
        self.hasIO = hasIO
    }

    private func setIO(_ hasIO: Bool, in sandbox: LuaSandbox) throws(ScriptError) {
        let io: LuaValue = hasIO ? .reference(HostReference(classID: LuaClass.io.rawValue)) : .nil
        try sandbox.setGlobal("io", io, in: sandbox.baseEnvironment)
    }

    /// Ends the series of the metrics that the scripts have.
    func endMetrics() {
        metrics = nil
        for script in scripts.byPath { script.endMetrics() }
    }

    /// Updates the VM to the world's current components and event groups, after the schema changed.
    func schemaChanged() throws(ScriptError) {
        memory.refresh(world)
        // What follows can fail; the numbers of groups and events must fit the world even then.
        groupNumbers.add(world.schema.groups.map(\.name))
        scripts.bind(to: world.schema, world.columns.all)
        eventNames = EventNames(world.schema)
        disconnectGroup = world.queue.groupIndices["disconnect"]
        try sandbox.register(.components(of: world))
    }

    /// Begins a tick, and sets the time that scripts see.
    func begin(tick: Int, now: Double) {
        self.tick = tick
        self.now = now
        tickStart = clock.monotonic()
        effects.beginTick()
        ScriptNote.beginTick(tick, mapID: world.geometry.id)
        sweepTablesWhenDue()
        sweepTargetsWhenDue()
    }

    /// Goes on in the tick of the host that this one takes over from.
    func continueTick(of old: ScriptHost) {
        (now, tick, tickStart) = (old.now, old.tick, old.tickStart)
        // Messages that wait for the next delta still count, and moves that wait for the next tick still happen.
        effects = old.effects
    }

    /// The tick's clock plus the time since the tick began [M8.5.2].
    var microtime: Double { now + Double(clock.elapsed(tickStart)) / 1e9 }

    /// Runs a timeout formula or a lib, which may change nothing [M8.6 Env 4].
    ///
    /// - Parameters:
    ///   - reason: The message of the error that a change raises; at most 159 bytes.
    ///   - body: Runs it.
    /// - Returns: What `body` returns.
    func withoutChanges<Result>(because reason: StaticString, _ body: () -> Result) -> Result {
        let former = refusal
        refusal = reason
        sandbox.setReadOnly(reason)
        defer {
            refusal = former
            sandbox.setReadOnly(former)
        }
        return body()
    }

    /// Refuses a change while a timeout formula runs or a lib loads [M8.6 Env 4].
    func requireWritable() throws {
        if let refusal { throw ScriptFault("\(refusal)") }
    }

    /// The path of the script that runs.
    var currentPath: String { running.current?.path ?? "" }

    /// Writes an error entry for the script that runs now.
    func logError(
        kind: String, message: String, script: String? = nil, line: Int? = nil, traceback: String? = nil,
        ran: String? = nil
    ) {
        let script = script ?? running.current?.path
        log.error(
            .init(
                time: now, tick: UInt64(max(tick, 0)), script: script, line: line, kind: kind, message: message,
                traceback: traceback, entity: running.current.flatMap(subject),
                version: script.flatMap(version), ran: ran ?? running.current?.path))
    }

    /// For what a script runs, as the error log shows it: an entity's key, or a socket.
    private func subject(of frame: Frame) -> String? {
        frame.entity.flatMap(world.key)?.description ?? frame.socket.map { "socket \($0)" }
    }

    /// The version of a file that runs; `nil` when none does.
    func version(of path: String) -> String? {
        scripts[path]?.version ?? libs.running.first { $0.path == path }?.version
    }
}
