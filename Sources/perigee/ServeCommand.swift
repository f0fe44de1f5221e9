import ArgumentParser
import Gateway
import Transport

/// `perigee serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the game in a folder until it is told to stop.",
        discussion: """
            Players' accounts, the game's entities and the logs live in the data folder. Scripts and maps that change in \
            the game folder are taken over by the running game. SIGTERM or Ctrl-C saves everything and ends.
            """)

    @Argument(help: "The game folder (default: lua).")
    var directory: String?

    @Option(help: "The game folder, in the place of the argument.")
    var game: String?

    @Option(help: "The folder for the database, the operator's key and logs; made if it is missing.")
    var data = "data"

    @OptionGroup var store: StoreOption

    @Flag(help: "Takes over the database of --store although it holds a game of another name: this one was renamed.")
    var renamed = false

    @Option(help: "The address to listen on.")
    var host = "0.0.0.0"

    @Option(help: "The port to listen on, 0 for a free one (default: port in game.yaml, or else 8080).")
    var port: Int?

    @Flag(
        help: "Gives each map a port of its own, --port plus the map's number; all but its players is at --port.")
    var portPerMap = false

    @Option(help: "A certificate as a PEM file, for https and wss; its chain follows in the same file.")
    var tlsCertificate: String?

    @Option(help: "The certificate's private key as a PEM file.")
    var tlsKey: String?

    @Flag(help: "Lift the limits on logins and registrations of one address, for load tests on this machine.")
    var unlimitedLogins = false

    @Option(
        help: "Writes down what each map is given into this file, for perigee replay; one of that name is replaced.")
    var record: String?

    @Option(help: "The most that the recording may take, in MB of 1048576 bytes (1 to 1048576); it ends there.")
    var recordLimit = 256

    func validate() throws {
        if let directory, let game, directory != game {
            throw ValidationError("\(directory) and --game \(game) are two game folders; give one")
        }
        guard (1...1_048_576).contains(recordLimit) else {
            throw ValidationError("--record-limit is \(recordLimit); give MB from 1 to 1048576")
        }
        if let port, !(0...65_535).contains(port) {
            throw ValidationError("--port is \(port); give a number from 0 to 65535")
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together; give both or neither")
        }
    }

    private var tls: TLSFiles? {
        guard let tlsCertificate, let tlsKey else { return nil }
        return TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }

    func run() async throws {
        do {
            let process = try await GameProcess(
                options: .init(
                    gameDirectory: directory ?? game ?? "lua", dataDirectory: data, store: try store.address(),
                    isRenamed: renamed, host: host, port: port, portPerMap: portPerMap,
                    unlimitedLogins: unlimitedLogins, tls: tls, record: record, recordLimitBytes: recordLimit << 20))
            try await process.run()
        } catch let error as any CustomStringConvertible & Error {
            StandardError.print("perigee: \(error)")
            throw ExitCode.failure
        }
    }
}
