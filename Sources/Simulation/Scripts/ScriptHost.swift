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
    /// A second VM that has proxies of the same tables, see ``MapGuest``.
    weak var guest: LuaSandbox?
    var effects = ScriptEffects()
    /// Where globals are packed; kept for its memory.
    var packed = PackedWriter()

    /// The way to other maps.
    var router: (any MapRouter)?
    /// The maps that exist, where `map_id` may point.
    var mapIDs: Set<Int> = []
    /// The maps beyond the edges, by side.
    var sides: [String: Int] = [:]
    /// Unix time of the current tick, and its number.
    var now = 0.0 { didSet { sandbox.time = now } }
    var tick = 0
    var tickStart: UInt64 = 0

    /// Scripts by role; those that do not compile are absent.
    var scripts: [GameScript.Role: CompiledScript] = [:]
    /// Event scripts by group and event, in the order of the schema.
    var eventScripts: [[CompiledScript?]] = []
    var timeoutScripts: [CompiledScript?] = []
    /// Trigger scripts by column.
    var triggerScripts: [CompiledScript?] = []
    var libs: [GameScript] = []
    /// Scripts that an earlier process died of.
    var crashed: CrashedScripts
    /// Versions that did not compile by path, so that each is complained about once.
    var failures: [String: Failure] = [:]
    /// Libs that failed when they ran last.
    var libProblems: [GameFolderProblem] = []
    /// Numbers of event groups in references; never reused, so that a proxy held over a reload means the same group.
    var groupNumbers: [String: UInt32] = [:]
    var groupNames: [String] = []

    var cpuMeter: CPUMeter
    /// When the last script ended, by the monotonic clock.
    var ranUntil: UInt64 = 0
    /// What runs now, innermost last.
    var running: [Frame] = []
    /// Whether the limit that is ending the running scripts is in the log.
    var isFatalErrorTold = false
    /// While a timeout formula runs: nothing may be changed.
    var isReadOnly = false
    let names: Names

    /// A version of a script that does not compile, and why.
    struct Failure {
        var version: String
        var problem: GameFolderProblem
    }

    struct Limits {
        var event: Duration
        var timeout: Duration
        var memoryBytes: Int
    }

    /// A script that runs, for whom and why.
    struct Frame {
        var path: String
        var entity: EntityHandle?
        /// The component whose trigger it is.
        var column: Int?
    }

    /// Globals that are set before a call.
    struct Names {
        let object, data, event, name, value, old: LuaName
    }

    /// How deep triggers and spawn hooks may start each other.
    static let maxNesting = 8

    init(
        world: World, limits: Limits, seed: UInt64, log: MapLog, ids: any EntityIDSource, clock: SimulationClock,
        watcher: (any CallWatcher)? = nil, crashed: CrashedScripts = CrashedScripts(nil)
    ) throws(ScriptError) {
        self.world = world
        self.limits = limits
        self.log = log
        self.ids = ids
        self.clock = clock
        cpuMeter = CPUMeter(clock)
        self.watcher = watcher
        self.crashed = crashed
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = limits.memoryBytes
        configuration.seed = seed
        configuration.maxSourceBytes = GameScript.maxBytes
        // What a script returns is a timeout, or something for the log.
        configuration.maxResultBytes = MapLog.maxText
        sandbox = try LuaSandbox(configuration: configuration)
        sandbox.asksForClock = true
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
    }

    /// Tells the VM of the world's current components and event groups, after the schema changed.
    func schemaChanged() throws(ScriptError) {
        memory.refresh(world)
        try sandbox.register(.components(of: world))
        for group in world.schema.groups where groupNumbers[group.name] == nil {
            groupNumbers[group.name] = UInt32(groupNames.count)
            groupNames.append(group.name)
        }
        eventScripts = world.schema.groups.map { group in
            group.events.map { scripts[.event(group: group.name, name: $0.name)] }
        }
        timeoutScripts = world.schema.groups.map { scripts[.timeout(group: $0.name)] }
        triggerScripts = world.columns.all.map { column in
            guard let column, column.hasTrigger else { return nil }
            return scripts[.component(column.name)]
        }
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

    /// The reference of an entity.
    func reference(_ entity: EntityHandle) -> HostReference {
        HostReference(classID: LuaClass.entity.rawValue, slot: entity.slot, generation: entity.generation)
    }

    /// The path of the script that runs.
    var currentPath: String { running.last?.path ?? "" }

    /// Writes an error entry for what runs now.
    func logError(kind: String, message: String, script: String? = nil, line: Int? = nil, traceback: String? = nil) {
        log.error(
            .init(
                time: now, tick: UInt64(max(tick, 0)), script: script ?? running.last?.path, line: line, kind: kind,
                message: message, traceback: traceback, entity: running.last?.entity.flatMap(world.key)?.description))
    }
}
