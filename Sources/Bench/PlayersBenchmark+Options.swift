extension PlayersBenchmark {
    /// The load. The defaults are the load that a release must carry: 500 players, each moving 5 times a second.
    package struct Options: Sendable {
        /// Players that connect, read and move; 1 to 20,000.
        package var players = 500
        /// Commands a second of each player; above 0, up to 50.
        package var movesPerSecond = 5.0
        /// Length of the measured window in seconds; 1 to 600.
        package var seconds = 20
        /// The server's address; a loopback one, because this is a load generator.
        package var host = "127.0.0.1"
        /// The server's port.
        package var port = 8080
        /// The prefix of the players' logins, followed by a number; the next test uses the same accounts again.
        package var loginPrefix = "bench"
        /// The password of these accounts.
        package var password = "bench-players"
        /// The commands that each player sends in turn. With the default every command changes `x`.
        package var commands = ["move/left", "move/right"]
        /// The server's process; `nil` looks for the process that listens on the port.
        package var serverPID: Int32?
        /// Further players that connect and never read; 0 to 1,000.
        package var stalled = 0
        /// Clients whose deltas are parsed completely and compared with each other; 0 to `players`.
        package var sampled = 10
        /// Logins that run at the same time; 1 to 64.
        package var joinConcurrency = 4
        /// Time for all players to log in and connect, in seconds; 1 to 3,600.
        package var joinSeconds = 300
        /// Event loop threads of the generator; 1 to 16.
        package var threads = 1
        /// Loopback addresses (127.0.0.1, 127.0.0.2, …) the players come from, for servers that limit each; 1 to 200.
        package var sourceAddresses = 1

        /// How players get in.
        package var entrance = Entrance.password
        /// The number of the first player, from 0; several groups of players can share the accounts of a server.
        package var firstPlayer = 0
        /// How many players join a second; 0 lets them join as fast as ``joinConcurrency`` allows.
        package var joinsPerSecond = 0.0
        /// Whether the players send commands; if not, ``movesPerSecond`` does not matter.
        package var areMoving = true
        /// Whether every player is told of all others; if not, clients are not compared with each other.
        package var areAllInView = true
        /// Whether the measured window ends together with what runs beside the load, if that comes first.
        package var endsWithCompanion = false

        /// What the players speak, and over what.
        package var dialect = Dialect.perigee

        /// What is spoken.
        package enum Dialect: Sendable, Equatable {
            /// The client protocol, on WebSockets.
            case perigee
            /// The same messages as events of Socket.IO, in the namespace `/`, on WebSockets.
            case socketIO
            /// The client protocol on the data channels `reliable` and `fast` of WebRTC.
            case lanes
        }

        /// How players get in.
        package enum Entrance: Sendable, Equatable {
            /// They register with ``Options/password``, or log in when they are registered.
            case password
            /// Each asks for a token with the session of its number, which is a secret, and without a password.
            case sessions([String])
            /// The server asks for no login: the bare broadcaster.
            case open
        }

        /// Makes the default options.
        package init() {}

        /// Checks every value.
        ///
        /// - Throws: ``BenchError/option(name:value:allowed:)`` for the first that is out of range.
        package func validate() throws(BenchError) {
            try BenchError.check("players", players, 1...20_000)
            try BenchError.check("seconds", seconds, 1...600)
            try BenchError.check("port", port, 1...65_535)
            try BenchError.check("stalled", stalled, 0...1_000)
            try BenchError.check("sampled", sampled, 0...players)
            try BenchError.check("join-concurrency", joinConcurrency, 1...64)
            try BenchError.check("join-seconds", joinSeconds, 1...3_600)
            try BenchError.check("threads", threads, 1...16)
            try BenchError.check("source-addresses", sourceAddresses, 1...200)
            guard movesPerSecond > 0, movesPerSecond <= 50 else {
                throw .option(name: "moves-per-second", value: "\(movesPerSecond)", allowed: "above 0, up to 50")
            }
            if case .sessions(let sessions) = entrance, firstPlayer + players + stalled > sessions.count {
                throw .option(name: "players", value: "\(players)", allowed: "as many as there are sessions")
            }
            guard Self.isLoopback(host) else {
                throw .option(name: "host", value: host, allowed: "a loopback address: 127.x.x.x, ::1 or localhost")
            }
            if sourceAddresses > 1, host == "::1" {
                throw .option(name: "source-addresses", value: "\(sourceAddresses)", allowed: "1 when --host is ::1")
            }
            guard !commands.isEmpty, commands.allSatisfy(Self.isCommand) else {
                throw .option(
                    name: "commands", value: commands.joined(separator: ","),
                    allowed: "one or more of GROUP/EVENT, in letters, digits and underscores, with commas between them")
            }
            guard loginPrefix.utf8.count <= 20, loginPrefix.utf8.allSatisfy(Self.isNameByte) else {
                throw .option(
                    name: "login-prefix", value: loginPrefix, allowed: "up to 20 letters, digits and underscores")
            }
        }

        /// The login of a player.
        ///
        /// - Parameter index: The player's number, from 0.
        /// - Returns: The prefix and the number counted from 1.
        package func login(_ index: Int) -> String { "\(loginPrefix)\(firstPlayer + index + 1)" }

        private static func isLoopback(_ host: String) -> Bool {
            if host == "localhost" || host == "::1" { return true }
            let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            return parts.count == 4 && parts.first == 127 && !parts.contains(nil)
        }

        private static func isCommand(_ text: String) -> Bool {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return (1...2).contains(parts.count) && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isNameByte) }
        }

        private static func isNameByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
