package import GameRules
package import World

/// Everything that a game folder declares, checked and complete: what a map needs to run.
package struct GameDefinition: Sendable, Equatable {
    /// The settings in `game.yaml`.
    package var configuration: GameConfiguration
    /// The declared components and event groups.
    package var schema: Schema
    /// Every script, by ascending path.
    package var scripts: [GameScript]
    /// The maps, by ascending id; empty only when all maps are closed.
    package var maps: [MapGeometry]
    /// The maps whose files can't be read and of which there is no former version, by ascending id. When `maps/` itself
    /// can't be read and no map runs, the start map is one of them.
    package var closedMaps: [ClosedMap] = []
    /// The neighbour of each map beyond each of its edges [M3.8].
    package var neighbours: MapNeighbours
    /// The folder that the game was read from, as the caller named it.
    package var directory: String
    /// The files that the definition was made of; `nil` unless a caller has set them.
    package var files: GameFiles?
    /// The files that each map was made of, by map id; the next load reads a map again only if one of them changed.
    var mapSources: [Int: MapLoader.Source] = [:]
    /// Whether a load with this as the previous definition keeps the maps whose files are away.
    var keepsMissingMaps = true
    /// A hash of the Tiled world that the neighbours come from, by its path; empty when there is no world.
    var worldSources: [String: UInt64] = [:]
    /// The version of `game.yaml`, in the form of ``GameScript/version``; `nil` when no usable one has been read.
    package internal(set) var configurationVersion: String?

    /// Makes a definition, sorting scripts and maps as documented.
    package init(
        configuration: GameConfiguration = GameConfiguration(), schema: Schema = Schema(), scripts: [GameScript] = [],
        maps: [MapGeometry] = [], neighbours: MapNeighbours = MapNeighbours(), directory: String = ""
    ) {
        self.configuration = configuration
        self.schema = schema
        self.scripts = scripts.sorted { $0.path < $1.path }
        self.maps = maps.sorted { $0.id < $1.id }
        self.neighbours = neighbours
        self.directory = directory
    }

    /// What authors of maps may want to know and what keeps nobody from playing, by ascending file.
    package var mapNotes: [GameFolderProblem] {
        mapSources.values.sorted { $0.path < $1.path }.flatMap { source in
            source.notes.map { GameFolderProblem(file: source.path, message: $0) }
        }
    }

    /// The script that plays a role; `nil` when the game has none.
    package func script(_ role: GameScript.Role) -> GameScript? { scripts.first { $0.role == role } }

    /// Whether clients can connect to its socket events: a file of `sockets/` declares any.
    package var hasSocketScripts: Bool { scripts.contains { if case .socket = $0.role { true } else { false } } }

    /// The map where new players appear, and where sockets are: the configured one, else the one with the lowest id; it
    /// may be closed.
    package var startMapID: Int { configuration.startMap ?? mapIDs.first ?? 1 }
}

/// One Lua file of the game folder.
package struct GameScript: Sendable, Equatable {
    /// What a script is for; the path of the file decides it.
    package enum Role: Hashable, Sendable {
        /// `lib/NAME.lua`
        case lib(String)
        /// `components/NAME.lua`, the trigger of that component.
        case component(String)
        /// `events/GROUP/NAME.lua`
        case event(group: String, name: String)
        /// `events/GROUP/timeout.lua`
        case timeout(group: String)
        /// `spawn/KIND.lua`, `spawn/KIND/PREFAB.lua` or `spawn/KIND/ID.lua`
        case spawn(kind: EntityKind, HookTarget)
        /// `leave/KIND.lua`, `leave/KIND/PREFAB.lua` or `leave/KIND/ID.lua`
        case leave(kind: EntityKind, HookTarget)
        /// `sockets/NAME.lua`, for a Socket.IO event of that name.
        case socket(String)

        /// The kind of the role, without names.
        package var kind: ScriptAPI.ScriptKind {
            switch self {
            case .lib: .lib
            case .component: .component
            case .event: .event
            case .timeout: .timeout
            case .spawn: .spawn
            case .leave: .leave
            case .socket(SocketEvents.connect): .connect
            case .socket(SocketEvents.disconnect): .disconnect
            case .socket: .socket
            }
        }
    }

    /// The entities of a kind for which a spawn or leave hook runs.
    package enum HookTarget: Hashable, Sendable {
        /// Each entity of the kind.
        case all
        /// Those of a prefab.
        case prefab(String)
        /// The one with this number.
        case id(Int)
    }

    /// The longest script that is read, and that a map's VM compiles, in bytes: 64 KiB.
    package static let maxBytes = 64 << 10

    /// What the script is for.
    package var role: Role
    /// The path within the game folder, with `/`; the name that Lua error messages show.
    package var path: String
    /// The whole file, annotations included, so that Lua counts the same lines as an editor.
    package var source: [UInt8]
    /// The first 12 hexadecimal digits of a hash of `source`: the same source has the same version.
    package var version: String
    /// The `--@about` line; empty without one.
    package var about: String

    /// Makes a script; the version follows from the source.
    package init(role: Role, path: String, source: [UInt8], about: String = "") {
        self.role = role
        self.path = path
        self.source = source
        self.version = Self.version(of: source)
        self.about = about
    }

    /// FNV-1a over 64 bits: it distinguishes versions, but a collision can be made on purpose.
    static func hash(_ source: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in source { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    static func version(of source: [UInt8]) -> String { version(ofHash: hash(source)) }

    /// The version that belongs to a ``hash(_:)``.
    static func version(ofHash hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String((String(repeating: "0", count: 16 - digits.count) + digits).prefix(12))
    }
}

/// One mistake in a file of the game folder, in words for the author of the game.
package struct GameFolderProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path within the game folder.
    package var file: String
    /// The line, from 1; `nil` when the problem is not in one line.
    package var line: Int?
    /// The character in that line, from 1; `nil` when it is not known.
    package var column: Int?
    /// What is wrong and what is allowed.
    package var message: String

    /// Makes a problem.
    package init(file: String, line: Int? = nil, column: Int? = nil, message: String) {
        self.file = file
        self.line = line
        self.column = line == nil ? nil : column
        self.message = message
    }

    /// For instance `components/hp.lua:2:11: what is wrong and what is allowed`; a line or column that is `nil` is left
    /// out.
    package var description: String {
        let place = [line, column].compactMap { $0 }.map { ":\($0)" }.joined()
        return "\(file)\(place): \(message)"
    }

    /// The ``description`` with the game folder before the file's path, so that a terminal can link to the file.
    ///
    /// - Parameter directory: The game folder.
    /// - Returns: One line; without another path after the folder when ``file`` is the folder itself.
    package func described(in directory: String) -> String {
        file == directory ? description : "\(directory)/\(description)"
    }
}

/// Why a game folder can't be read or watched at all; its text is one line that says what to do.
package enum GameFolderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing exists at this path.
    case missing(directory: String)
    /// What exists at this path is not a folder.
    case notAFolder(directory: String)
    /// The system refused to list the folder, for this reason.
    case unreadable(directory: String, reason: String)
    /// The folder has files, and none of the names that a game folder has at its top level.
    case notAGame(directory: String)
    /// inotify refused, for this reason.
    case unwatchable(directory: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let directory):
            "game folder \"\(directory)\" does not exist; name an existing one with --game DIR"
        case .notAFolder(let directory):
            "game folder \"\(directory)\" is not a folder; name one with --game DIR"
        case .unreadable(let directory, let reason):
            "game folder \"\(directory)\" can't be read (\(reason)); allow this user to read it, or name another with --game DIR"
        case .notAGame(let directory):
            "\"\(directory)\" is not a game folder: it has files, but no game.yaml, lib/, components/, events/, spawn/, leave/, sockets/ or maps/; name a game folder with --game DIR"
        case .unwatchable(let directory, let reason):
            "game folder \"\(directory)\" can't be watched for changes (\(reason)); raise fs.inotify.max_user_watches and fs.inotify.max_user_instances"
        }
    }
}
