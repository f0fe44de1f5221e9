import GameFolder
import LuaSandbox
import World

/// A map's VM: the scripts of the game over the map's world.
///
/// The world owns every value; scripts hold proxies. What a script does takes effect in the world at once; what reaches
/// beyond it is left in `effects`. One thread at a time; nothing here reads a clock but through `clock`.
final class ScriptHost {
    let world: World
    let sandbox: LuaSandbox
    let log: MapLog
    let ids: any EntityIDSource
    let clock: SimulationClock
    let watcher: (any CallWatcher)?
    var limits: Limits
    var memory = WorldStore()
    var nodes = NodeHandles()
    /// A second VM that has proxies of the same tables, see ``GuestVM``.
    weak var guest: LuaSandbox?
    var effects = ScriptEffects()
    /// Where globals are packed; kept for its memory.
    var packed = PackedWriter()

    /// What scripts can reach of other maps.
    var others: OtherMaps
    /// Unix time of the current tick, and its number.
    private(set) var now = 0.0 { didSet { sandbox.time = now } }
    private(set) var tick = 0
    private var tickStart: UInt64 = 0

    /// Those that do not compile are absent.
    var scripts = ScriptTable()
    /// The libs as they ran last.
    var libs: [GameScript] = []
    var failures: ScriptFailures
    var groupNumbers = EventGroupNumbers()
    var running: RunningScripts
    /// While a timeout formula runs: nothing may be changed.
    private(set) var isReadOnly = false
    let names: Names

    struct Limits {
        var event: Duration
        var timeout: Duration
        var memoryBytes: Int
    }

    typealias Frame = RunningScripts.Frame

    /// Globals that are set before a call.
    struct Names {
        let object, data, event, name, value, old: LuaName
    }

    init(
        world: World, limits: Limits, seed: UInt64, log: MapLog, ids: any EntityIDSource, clock: SimulationClock,
        router: (any MapRouter)?, watcher: (any CallWatcher)? = nil, crashed: CrashedScripts = CrashedScripts(nil)
    ) throws(ScriptError) {
        self.world = world
        self.limits = limits
        self.log = log
        self.ids = ids
        self.clock = clock
        self.watcher = watcher
        running = RunningScripts(clock)
        others = OtherMaps(router: router)
        failures = ScriptFailures(crashed: crashed)
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = limits.memoryBytes
        configuration.seed = seed
        configuration.maxSourceBytes = GameScript.maxBytes
        // What a script returns is a timeout, or something for the log.
        configuration.maxResultBytes = MapLog.maxText
        sandbox = try LuaSandbox(configuration: configuration)
        sandbox.usesHostClock = true
        names = Names(
            object: try sandbox.name("object"), data: try sandbox.name("data"), event: try sandbox.name("event"),
            name: try sandbox.name("name"), value: try sandbox.name("value"), old: try sandbox.name("old"))
        memory.refresh(world)
        sandbox.setStore(memory.store)
        try registerClasses(in: sandbox)
        sandbox.handler = { [unowned self] call in
            answer(call)
            memory.refresh(world)
        }
        try sandbox.resetSharedEnvironment()
    }

    /// Shows the world to a VM: the classes of its proxies and the globals that scripts begin with.
    func registerClasses(in sandbox: LuaSandbox) throws(ScriptError) {
        for hostClass in [
            HostClass.entity(), .components(of: world), .events(), .group(), .objects(), .map(), .json(),
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
    }

    /// Tells the VM of the world's current components and event groups, after the schema changed.
    func schemaChanged() throws(ScriptError) {
        memory.refresh(world)
        try sandbox.register(.components(of: world))
        groupNumbers.add(world.schema.groups.map(\.name))
        scripts.bind(to: world.schema, world.columns.all)
    }

    /// Begins a tick: the time that scripts see.
    func begin(tick: Int, now: Double) {
        self.tick = tick
        self.now = now
        tickStart = clock.monotonic()
        effects.beginTick()
        ScriptNote.beginTick(tick, mapID: world.geometry.id)
        sweepTablesWhenDue()
    }

    /// Goes on in the tick of the host that this one takes over from.
    func continueTick(of old: ScriptHost) { (now, tick, tickStart) = (old.now, old.tick, old.tickStart) }

    /// The tick's clock plus the time since the tick began [M8.5.2].
    var microtime: Double { now + Double(clock.elapsed(tickStart)) / 1e9 }

    /// Runs a timeout formula, which may change nothing [M8.6 Env 4].
    func withoutChanges<Result>(_ body: () -> Result) -> Result {
        let wasReadOnly = isReadOnly
        isReadOnly = true
        sandbox.setReadOnly("a timeout formula can't change the world")
        defer {
            isReadOnly = wasReadOnly
            if !wasReadOnly { sandbox.setReadOnly(nil) }
        }
        return body()
    }

    /// Refuses a change while a timeout formula runs [M8.6 Env 4].
    func requireWritable() throws {
        if isReadOnly { throw ScriptFault("a timeout formula can't change the world") }
    }

    /// The reference of an entity.
    func reference(_ entity: EntityHandle) -> HostReference {
        HostReference(classID: LuaClass.entity.rawValue, slot: entity.slot, generation: entity.generation)
    }

    /// The path of the script that runs.
    var currentPath: String { running.current?.path ?? "" }

    /// Writes an error entry for what runs now.
    func logError(kind: String, message: String, script: String? = nil, line: Int? = nil, traceback: String? = nil) {
        log.error(
            .init(
                time: now, tick: UInt64(max(tick, 0)), script: script ?? running.current?.path, line: line, kind: kind,
                message: message, traceback: traceback, entity: running.current?.entity.flatMap(world.key)?.description)
        )
    }
}
