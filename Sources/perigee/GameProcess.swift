import AdminPanel
import Foundation
import GameFolder
import GameRules
import Gateway
import JSONValues
import Logging
import NIOCore
import NIOPosix
import OperatorAPI
import PostgresStorage
import Recording
import ServiceLifecycle
import Simulation
import Storage
import Transport
import UnixSignals
import Wire
import World

/// A running game: it connects the game folder, the store, the maps and the network.
struct GameProcess {
    struct Options {
        var gameDirectory: String
        var dataDirectory: String
        /// The shared store; `nil` for the database in the data folder.
        var store: PostgresAddress?
        /// Whether the shared store may hold the game under another name.
        var isRenamed: Bool
        var host: String
        /// `nil` for the port that `game.yaml` names.
        var port: Int?
        /// Whether each map has a port of its own.
        var portPerMap: Bool
        var unlimitedLogins: Bool
        /// The certificate for https and wss, if any.
        var tls: TLSFiles?
        /// The file of the recording, which holds the inputs of all maps; `nil` records nothing.
        var record: String?
        /// The largest size of the recording, in bytes.
        var recordLimitBytes: Int
    }

    private let options: Options
    private let game: GameDefinition
    /// What was wrong in the game folder at the start.
    private let problems: [GameFolderProblem]
    private let metrics = GatewayMetrics(version: Version.text)
    private let storage: any GameStorage
    /// Keeps other servers from the data folder.
    private let dataLock: StorageLock?
    private let writeBehind: WriteBehind
    private let maps: GameMaps
    private let operatorKey: OperatorKey
    private let turnSecret: [UInt8]?
    private let logs: LogHub
    private let recording: RecordingFile?
    private let crashes: CrashJournal
    private let knownMaps: KnownMaps
    private let logger: Logger

    /// Reads the game, opens the store and puts the stored entities on their maps.
    ///
    /// - Throws: A ``CustomStringConvertible`` error of one line that says what to fix.
    init(options: Options) async throws {
        MemoryReturn.configureAllocator()
        self.options = options
        var logger = Logger(label: "perigee", factory: { VisibleLogHandler(StreamLogHandler.standardError(label: $0)) })
        logger.logLevel = .notice
        self.logger = logger
        knownMaps = KnownMaps(
            dataDirectory: options.dataDirectory, gameDirectory: options.gameDirectory, logger: logger)
        var (game, problems) = try GameFolder.load(
            directory: options.gameDirectory,
            previous: GameDefinition(directory: options.gameDirectory, knownMaps: knownMaps.maps))
        if options.record != nil { game.files = GameFiles(of: game, previous: nil) }
        (self.game, self.problems) = (game, problems)
        for problem in problems.prefix(20) { StandardError.print(problem.described(in: options.gameDirectory).visible) }
        if problems.count > 20 { StandardError.print("… and \(problems.count - 20) more mistakes in the game folder") }
        try DataFolder.prepare(options.dataDirectory)
        let logDirectory = "\(options.dataDirectory)/logs"
        logs = LogHub(
            files: try FileLogStore(directory: logDirectory, logger: logger), directory: logDirectory,
            now: SimulationClock.system.now)
        crashes = try CrashJournal(directory: options.dataDirectory, game: game)
        for line in crashes.news { logger.error("\(line)") }
        crashes.begin(logDirectory: "\(options.dataDirectory)/logs")
        operatorKey = try OperatorKey.load(directory: options.dataDirectory)
        turnSecret = try TurnSecret.load(
            environment: ProcessInfo.processInfo.environment, directory: options.dataDirectory)
        let database = "\(options.dataDirectory)/perigee.sqlite"
        if let store = options.store {
            // The database would lock the folder itself.
            dataLock = try StorageLock(databasePath: database)
            storage = try await PostgresStorage.open(
                store, game: game.configuration.name, isRenamed: options.isRenamed, metrics: metrics.registry)
        } else {
            dataLock = nil
            storage = try SQLiteStorage(path: database, metrics: metrics.registry)
        }
        // Not before the store is this process's alone.
        knownMaps.save(game)
        writeBehind = WriteBehind(storage: storage, gameTime: SimulationClock.system.now, logger: logger)
        recording = try options.record.map { try Self.recording(at: $0, options.recordLimitBytes, game, logger) }
        maps = try await Self.startMaps(game, storage, writeBehind, logs, recording, crashes, metrics)
        writeBehind.setSources(
            SaveSources { [maps] in
                maps.running.map { map in SaveSources.Source(id: map.mapID) { await map.save(everything: $0) } }
            })
        if let first = maps.running.first, !problems.isEmpty {
            // The first map's error log shows what the terminal showed.
            first.post(.replaceGame(game, problems: problems))
        }
    }

    private static let maxMapThreads = 64

    private static func startMaps(
        _ game: GameDefinition, _ storage: any GameStorage, _ writeBehind: WriteBehind, _ logs: LogHub,
        _ recording: RecordingFile?, _ crashes: CrashJournal, _ metrics: GatewayMetrics
    ) async throws -> GameMaps {
        var highest: [EntityKind: Int] = [:]
        for kind in EntityKind.allCases { highest[kind] = try await storage.highestID(kind) }
        let aliveBefore = try await storage.lastAlive()
        var surroundings = MapSimulation.Surroundings(
            ids: EntityIDCounter(highest: highest), persistence: writeBehind, logSink: logs, clock: .system)
        surroundings.crashes = crashes
        surroundings.metrics = metrics.registry
        if game.configuration.socketRecoverySeconds > 0 {
            // One count for all maps, so that no two packets have the same name.
            surroundings.socketPackets = SocketPackets(offsets: PacketOffsets(prefix: "m"))
        }
        // Up to `maxMapThreads` maps of the start have a thread each, because a map with slow scripts must not delay
        // other maps. Maps that open later share these threads. A waiting thread costs nothing.
        let threads = max(System.coreCount, min(game.maps.count, maxMapThreads))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let maps = GameMaps(
            surroundings: surroundings, eventLoopGroup: group,
            adapting: { recording?.recorded($0, mapID: $1) ?? $0 }, aliveBefore: aliveBefore
        ) { try await writeBehind.entities(mapID: $0) }
        try await maps.open(game)
        return maps
    }

    private static func recording(
        at path: String, _ limitBytes: Int, _ game: GameDefinition, _ logger: Logger
    ) throws -> RecordingFile {
        let head = RecordingHead(
            started: SimulationClock.system.now(), zone: TimeZone.current.identifier, game: game.configuration.name)
        return try RecordingFile(path: path, limitBytes: limitBytes, head: head) { end in
            logger.warning(
                "the recording ends here; the game goes on",
                metadata: ["file": "\(path)", "reason": "\(end.text)"])
        }
    }

    /// Serves until SIGTERM or SIGINT, then saves everything.
    func run() async throws {
        let settings = ReloadedSettings(unlimitedLogins: options.unlimitedLogins, known: problems)
        let reloader = GameReloader(
            game: game, maps: maps, load: loader, onLoad: { settings.declare($0) },
            onReload: { [knownMaps, metrics] game, report in
                metrics.reloaded(isComplete: report.problems.isEmpty)
                settings.apply(game)
                knownMaps.save(game)
                for problem in settings.newProblems(in: report.problems) {
                    StandardError.print(problem.described(in: game.directory).visible)
                }
            })
        // Maps subtract the times of received commands from their own time, so both must use the same clock.
        let time = TimeSource(monotonic: TimeSource.system.monotonic, unix: SimulationClock.system.now)
        let players = PlayerService(
            storage: storage, writeBehind: writeBehind, maps: maps, time: time, game: { await reloader.game })
        let passwords = AdminPanel.makePasswordGate()
        let ports = ListeningPorts()
        let panel = AdminPanel(
            key: operatorKey, storage: storage, passwords: passwords, maps: maps, players: players, logger: logger,
            ports: ports, logs: logs, gameDirectory: options.gameDirectory, reload: { await reloader.reload() },
            control: reloader,
            editing: GameEditing(
                directory: options.gameDirectory, versions: storage, testClock: .system, game: { await reloader.game },
                apply: { await reloader.reload(closingMissingMaps: false) }))
        let server = GameServer(
            configuration: gatewayConfiguration, storage: storage, writeBehind: writeBehind, maps: maps,
            players: players, metrics: metrics, ports: ports, time: time, logger: logger,
            isOperator: { try await panel.isOperator($0, from: $1) }, addRoutes: { panel.addRoutes(to: $0) })
        settings.set(server)
        let watcher = try GameFolderWatcher(directory: options.gameDirectory) { Task { await reloader.applyChanges() } }
        // Loads changes that happened between the first load and the start of the watcher.
        await reloader.applyChanges()
        defer { watcher.stop() }
        try await panel.recallAddresses()
        let setupPath = try await panel.makeSetupPath()
        let announcement = Task {
            guard let port = await server.boundPort() else { return }
            ServerAddress.write(
                host: options.host, port: port, certificate: options.tls?.certificate, in: options.dataDirectory)
            announce(port, setupPath: setupPath)
        }
        let watch = Task { await panel.watchMaps() }
        defer {
            watch.cancel()
            announcement.cancel()
            ServerAddress.remove(from: options.dataDirectory)
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: writeBehind), .init(service: MapsService(maps: maps)), .init(service: server),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        defer { recording?.close() }
        do {
            try await group.run()
        } catch {
            await passwords.shutdown()
            throw error
        }
        await passwords.shutdown()
        await closeStorage()
        dataLock?.release()
        logs.flush()
    }

    /// Closes the store; SQLite then merges its log file into the database. Saved data is safe even when this fails.
    private func closeStorage() async {
        do {
            try await storage.close()
        } catch {
            logger.warning("the database is left with its log beside it", metadata: ["error": "\(error)"])
        }
    }

    private var gatewayConfiguration: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.host = options.host
        configuration.port = options.port ?? game.configuration.port
        configuration.tls = options.tls
        configuration.clientDirectory = "\(options.gameDirectory)/client"
        configuration.musicDirectory = "\(options.gameDirectory)/music"
        configuration.portPerMap = options.portPerMap
        configuration.turnSecret = turnSecret
        configuration.adopt(game, unlimitedLogins: options.unlimitedLogins)
        return configuration
    }

    /// Reads the game folder again, on a thread that may wait for the disk; while recording, also keeps the content of
    /// its files.
    private var loader: GameReloader.Load {
        let keepsFiles = recording != nil
        return { previous in
            try await NIOThreadPool.singleton.runIfActive {
                var (game, problems) = try GameFolder.load(directory: previous.directory, previous: previous)
                if keepsFiles { game.files = GameFiles(of: game, previous: previous.files) }
                return (game, problems)
            }
        }
    }

    private func announce(_ port: Int, setupPath: String?) {
        let host = options.host == "0.0.0.0" || options.host == "::" ? "localhost" : options.host
        let scheme = options.tls == nil ? "http" : "https"
        let perMap = options.portPerMap ? "\n  maps      at ports of their own: \(port) plus the map's number" : ""
        let count =
            switch game.maps.count {
            case 0: "no map, because all its maps are closed"
            case 1: "one map"
            case let count: "\(count) maps"
            }
        let address = "\(scheme)://\(host):\(port)"
        let setup =
            setupPath.map { "\n  set up    \(address)\($0)   makes the owner's account; good once, for an hour" } ?? ""
        let text =
            """
            \(game.configuration.name) is running on \(count).
              play      \(address)/play/
              operator  \(address)/admin/   key in \(operatorKey.path)\(setup)\(perMap)
            """
        // `print` would buffer the lines when the output is a file or a pipe.
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}
