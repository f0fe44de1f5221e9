import AdminPanel
import Foundation
import GameFolder
import Gateway
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Simulation
import Storage
import UnixSignals
import World

/// A running game: folder, store, maps and network, wired together.
struct GameProcess {
    struct Options {
        var gameDirectory: String
        var dataDirectory: String
        var host: String
        var port: Int
        var unlimitedLogins: Bool
    }

    private let options: Options
    private let game: GameDefinition
    private let storage: SQLiteStorage
    private let writeBehind: WriteBehind
    private let maps: [MapActor]
    private let operatorKey: OperatorKey
    private let logs: FileLogStore
    private let logger: Logger

    /// Reads the game, opens the store and puts the stored entities on their maps.
    ///
    /// - Throws: What a person can fix, as a ``CustomStringConvertible`` error of one line.
    init(options: Options) async throws {
        self.options = options
        var logger = Logger(label: "perigee", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .notice
        self.logger = logger
        let (game, problems) = try GameFolder.load(directory: options.gameDirectory)
        self.game = game
        for problem in problems.prefix(20) { StandardError.print("\(options.gameDirectory)/\(problem)") }
        if problems.count > 20 { StandardError.print("… and \(problems.count - 20) more mistakes in the game folder") }
        try DataFolder.prepare(options.dataDirectory)
        logs = try FileLogStore(directory: "\(options.dataDirectory)/logs")
        operatorKey = try OperatorKey.load(directory: options.dataDirectory)
        storage = try SQLiteStorage(path: "\(options.dataDirectory)/perigee.sqlite")
        writeBehind = WriteBehind(storage: storage, logger: logger)
        maps = try await Self.startMaps(game, storage, writeBehind, logs)
        writeBehind.setSources(maps.map { map in { await map.save() } })
        if let first = maps.first, !problems.isEmpty {
            // The first map's error log shows what the terminal showed.
            first.post(.replaceGame(game, problems: problems))
        }
    }

    private static func startMaps(
        _ game: GameDefinition, _ storage: SQLiteStorage, _ writeBehind: WriteBehind, _ logs: FileLogStore
    ) async throws -> [MapActor] {
        var highest: [EntityKind: Int] = [:]
        for kind in EntityKind.allCases { highest[kind] = try await storage.highestID(kind) }
        let directory = MapDirectory()
        let surroundings = MapSimulation.Surroundings(
            ids: EntityIDCounter(highest: highest), persistence: writeBehind, router: directory, logSink: logs,
            clock: .system)
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: max(1, min(game.maps.count, System.coreCount - 1)))
        var maps: [MapActor] = []
        for map in game.maps {
            maps.append(
                try MapActor(
                    game: game, mapID: map.id, seed: UInt64.random(in: .min ... .max), surroundings: surroundings,
                    eventLoop: group.next()))
        }
        directory.set(maps)
        for map in maps { await map.start(with: try await storage.entities(mapID: map.mapID)) }
        return maps
    }

    /// Serves until SIGTERM or SIGINT, then saves everything.
    func run() async throws {
        let panel = AdminPanel(key: operatorKey, maps: maps)
        let server = GameServer(
            configuration: gatewayConfiguration, storage: storage, writeBehind: writeBehind, maps: maps, logger: logger,
            addRoutes: { panel.addRoutes(to: $0) })
        let reload = reloader()
        let watcher = try GameFolderWatcher(directory: options.gameDirectory, onChange: reload)
        // What changed between the first reading and the watch.
        reload()
        defer { watcher.stop() }
        let announcement = Task {
            guard let port = await server.boundPort() else { return }
            announce(port)
        }
        defer { announcement.cancel() }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: writeBehind), .init(service: MapsService(maps: maps)), .init(service: server),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        logs.flush()
    }

    private var gatewayConfiguration: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.host = options.host
        configuration.port = options.port
        configuration.startMap = game.startMapID
        configuration.tickRateHz = Double(game.configuration.tickRate)
        configuration.clientDirectory = "\(options.gameDirectory)/client"
        configuration.musicDirectory = "\(options.gameDirectory)/music"
        configuration.origins = OriginPolicy(allowed: game.configuration.allowedOrigins)
        configuration.session.maxMessageBytes = game.configuration.maxMessageBytes
        configuration.session.commandRate = RateLimit(
            burst: Double(game.configuration.commandBurst), perSecond: Double(game.configuration.commandRate))
        configuration.session.sendBufferBytes = game.configuration.sendBufferBytes
        if options.unlimitedLogins {
            let unlimited = RateLimit(burst: 1_000_000, perSecond: 1_000_000)
            configuration.addressLimit = unlimited
            configuration.registrationLimit = unlimited
        }
        return configuration
    }

    /// Takes over what changed in the game folder.
    private func reloader() -> @Sendable () -> Void {
        let current = ReloadedGame(game)
        let maps = maps
        return {
            do {
                let (game, problems) = try GameFolder.load(directory: current.value.directory, previous: current.value)
                current.value = game
                for map in maps { map.post(.replaceGame(game, problems: problems)) }
                let unknown = game.maps.map(\.id).filter { id in !maps.contains { $0.mapID == id } }
                if !unknown.isEmpty {
                    StandardError.print("maps \(unknown) are new; they open when the server is started again")
                }
            } catch {
                StandardError.print("perigee: \(error); the game goes on with what it has")
            }
        }
    }

    private func announce(_ port: Int) {
        let host = options.host == "0.0.0.0" || options.host == "::" ? "localhost" : options.host
        let text =
            """
            \(game.configuration.name) is running on \(maps.count == 1 ? "one map" : "\(maps.count) maps").
              play      http://\(host):\(port)/play/
              operator  http://\(host):\(port)/admin/   key in \(operatorKey.path)
            """
        // Not print: its buffer would keep the lines back when the output is a file or a pipe.
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}
