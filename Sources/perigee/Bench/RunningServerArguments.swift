import ArgumentParser
import Bench

/// The options that name a server that runs already.
struct RunningServerArguments: ParsableArguments {
    @Option(help: "The port of a server that runs; without it the bench starts one.") var port: Int?
    @Option(help: "With --port: the server's address, a loopback one (default: 127.0.0.1).") var host: String?
    @Option(help: "With --port: the server's process (default: the one that listens on the port).") var serverPid:
        Int32?
    @Option(
        help: """
            With --port: logins are this followed by a number; the accounts are kept and used again (default: bench).
            """)
    var loginPrefix: String?
    @Option(help: "With --port: the accounts' password (default: bench-players).") var password: String?

    func validate() throws {
        guard port == nil else { return }
        let given = [
            ("host", host != nil), ("server-pid", serverPid != nil), ("login-prefix", loginPrefix != nil),
            ("password", password != nil),
        ]
        for (name, isGiven) in given where isGiven {
            throw ValidationError("--\(name) belongs to a server that runs; use it together with --port")
        }
    }

    /// Points a load at the server that runs.
    func apply(to options: inout PlayersBenchmark.Options) {
        options.port = port ?? options.port
        options.host = host ?? options.host
        options.serverPID = serverPid
        options.loginPrefix = loginPrefix ?? options.loginPrefix
        options.password = password ?? options.password
    }
}
