import GameFolder
import JSONValues
import LuaSandbox
import Simulation
import World

/// A VM with one test file, and the map of the one test in it that runs.
///
/// Each test has its own VM and map, and its file runs again for it. No test sees changes by another one, so a test has
/// the same result alone as together with others.
final class TestVM {
    /// A test that the file declares.
    struct Declaration {
        var name: String
        var line: Int
    }

    let file: TestFile
    let game: GameDefinition
    let options: GameTests.Options
    let sandbox: LuaSandbox
    private let environment: LuaEnvironment
    private(set) var declarations: [Declaration] = []
    private(set) var printed: [String] = []
    /// The map of the test; `nil` before ``run(_:)``.
    private(set) var map: TestMap?
    /// The map with which each test of the file begins.
    private var choice: MapChoice
    private var isRunning = false
    /// Whether the test has used the map; afterwards `world.map` can't replace it.
    var isMapUsed = false
    private var deadline: UInt64 = 0

    /// The map with which a test begins.
    struct MapChoice {
        var mapID: Int
        var seed: UInt64
        var hasEntities = true
    }

    private static let mapGlobals = ["objects", "map"]
    // The functions of the map's scripts have lower numbers.
    private static let declare: UInt32 = 64
    private static let probe: UInt32 = 65
    /// How many printed lines of a test are kept, and how many bytes of each line.
    private static let maxPrinted = 1_000
    private static let maxPrintedBytes = 16_384

    /// Makes a VM and runs the file, which declares its tests (``declarations``).
    ///
    /// - Throws: ``ScriptError`` when the file does not compile or fails.
    init(_ file: TestFile, game: GameDefinition, options: GameTests.Options) throws(ScriptError) {
        self.file = file
        self.game = game
        self.options = options
        choice = MapChoice(mapID: game.startMapID, seed: options.seed)
        var configuration = LuaSandbox.Configuration()
        configuration.memoryLimitBytes = options.memoryLimitBytes
        configuration.seed = options.seed
        configuration.maxSourceBytes = TestFile.maxBytes
        configuration.maxPackedBytes = 64 << 20
        sandbox = try LuaSandbox(configuration: configuration)
        try sandbox.register(WorldClass.hostClass)
        try sandbox.setGlobal(
            "world", .reference(HostReference(classID: WorldClass.id)), in: sandbox.baseEnvironment)
        try sandbox.register(WorldClass.outside)
        try sandbox.resetSharedEnvironment()
        environment = try sandbox.makeEnvironment()
        for name in Self.mapGlobals {
            try sandbox.setGlobal(
                name, .reference(HostReference(classID: WorldClass.outside.id)), in: environment)
        }
        try sandbox.setFunction("__declare", id: Self.declare, in: environment)
        try sandbox.setFunction("__probe", id: Self.probe, in: environment)
        sandbox.handler = { [unowned self] call in answer(call) }
        try runChunk(Array(Expectations.source.utf8), name: Expectations.chunkName, in: environment)
        try runChunk(file.source, name: file.path, in: environment)
    }

    private func runChunk(_ source: [UInt8], name: String, in environment: LuaEnvironment) throws(ScriptError) {
        let function: LuaFunction
        do throws(ScriptError) {
            function = try sandbox.compile(source, name: name, environment: environment, limit: options.timeLimit)
        } catch {
            throw error.advised(source: source)
        }
        defer { sandbox.release(function) }
        try sandbox.call(function, limit: options.timeLimit)
    }

    /// Runs one of the file's tests on a map of its own.
    ///
    /// - Parameter name: The test's name.
    /// - Throws: The reason of the failure: ``ScriptError``, also when the memory limit is too small for the map's VM.
    func run(_ name: String) throws {
        isRunning = true
        defer { isRunning = false }
        deadline = options.clock.cpu() &+ options.timeLimitNanoseconds
        try open(choice)
        let function = try sandbox.compile("__run(__name)", name: Expectations.chunkName, environment: environment)
        defer { sandbox.release(function) }
        sandbox.bind(try sandbox.name("__name"), .string(name))
        try sandbox.call(function, limit: options.timeLimit)
    }

    /// Makes the map of the test, which replaces an earlier one.
    private func open(_ choice: MapChoice) throws {
        let made = try TestMap(
            game: game, mapID: choice.mapID, seed: choice.seed, hasEntities: choice.hasEntities,
            sandbox: sandbox, clock: options.clock, deadline: deadline)
        map = made
        isMapUsed = false
        for name in Self.mapGlobals { try sandbox.setGlobal(name, .nil, in: environment) }
        if !areLibsLoaded { try loadLibs(made.simulation.runningLibs) }
    }

    /// Runs the libs that run on the map; one that fails there has its error in the map's log, and defines nothing here
    /// as there.
    private func loadLibs(_ libs: [GameScript]) throws(ScriptError) {
        let shared = try sandbox.makeSharedEnvironment()
        do throws(ScriptError) {
            for lib in libs { try runChunk(lib.source, name: lib.path, in: shared) }
            try sandbox.adoptShared(shared)
        } catch {
            sandbox.release(shared)
            throw error
        }
        areLibsLoaded = true
    }

    private var areLibsLoaded = false

    // MARK: Host calls

    private func answer(_ call: HostCall) {
        do {
            switch call.operation {
            case .print:
                guard printed.count < Self.maxPrinted else { return }
                printed.append(call.withBytes(at: 0) { String(clipping: $0, to: Self.maxPrintedBytes) } ?? "")
            case .errorLog: break  // The error comes to the caller, or the test has caught it.
            case .global where call.memberID == Self.declare:
                declarations.append(
                    Declaration(
                        name: call.string(at: 0) ?? "", line: call.number(at: 1).flatMap { Int(exactly: $0) } ?? 0))
            case .global where call.memberID == Self.probe:
                let isTable = call.type(at: 0) == .table
                guard let isAlive = isTable ? true : map?.guest.isAlive(call, at: 0) else { return }
                call.returnValue(isTable ? "table" : "other")
                call.returnValue(isAlive)
            default:
                if call.reference.classID == WorldClass.id { return try answerWorld(call) }
                isMapUsed = true
                try runningMap().guest.answer(call)
            }
        } catch {
            call.fail("\(error)")
        }
    }

    /// The map of the test that runs.
    func runningMap() throws(TestMistake) -> TestMap {
        guard let map else {
            throw TestMistake("world, objects and map exist only inside test(name, function() … end)")
        }
        return map
    }

    /// Carries out `world.map(id, options)`: outside of a test for all tests of the file, inside a test for this test,
    /// whose first use of the map it must be.
    func chooseMap(_ id: Int?, seed: UInt64?, hasEntities: Bool?) throws {
        var wanted = MapChoice(mapID: id ?? game.startMapID, seed: seed ?? options.seed)
        wanted.hasEntities = hasEntities ?? true
        guard game.maps.contains(where: { $0.id == wanted.mapID }) else {
            let known = game.maps.map { String($0.id) }.joined(separator: ", ")
            throw TestMistake("there is no map \(wanted.mapID); there are \(known)")
        }
        guard isRunning else {
            choice = wanted
            return
        }
        guard !isMapUsed else {
            throw TestMistake("world.map must come first in a test, or before the tests of the file")
        }
        try open(wanted)
    }

    /// Whether a text contains another, or matches it as a Lua pattern.
    func matches(_ text: String, _ pattern: String) -> Bool {
        if text.contains(pattern) { return true }
        do {
            let function = try sandbox.compile(
                "return string.find(__text, __pattern) ~= nil", name: Expectations.chunkName, environment: environment)
            defer { sandbox.release(function) }
            sandbox.bind(try sandbox.name("__text"), .string(text))
            sandbox.bind(try sandbox.name("__pattern"), .string(pattern))
            return try sandbox.call(function, limit: options.timeLimit) == .bool(true)
        } catch {
            return false
        }
    }
}
