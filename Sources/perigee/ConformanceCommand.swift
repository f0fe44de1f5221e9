import ArgumentParser
import ConformanceEcho
import Foundation
import NIOCore
import Transport
import WebRTC

/// `perigee conformance`
struct ConformanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance", abstract: "Runs an echo server for conformance suites.",
        discussion: """
            ws://HOST:PORT/echo sends every message back, with the frames and the compression that games are served with. \
            Messages may have 16 MiB. http://HOST:PORT/engine.io/ does the same over Engine.IO 4, with polling and \
            WebSockets, and http://HOST:PORT/socket.io/ serves Socket.IO 5 \
            with the namespaces / and /custom. POST http://HOST:PORT/rtc/offer answers the offer of a WebRTC client, \
            {"type":"offer","sdp":…}; all its data channels send every message back, over one UDP port. It is made for suites like Autobahn's fuzzing client \
            and those of the Socket.IO protocols, not for the open network.
            """)

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on, 0 for a free one.")
    var port = 9001

    @Option(help: "The time between pings of Engine.IO, in milliseconds; its suite expects 300.")
    var pingInterval = 300

    @Option(help: "The time that a client of Engine.IO has for its answer, in milliseconds; its suite expects 200.")
    var pingTimeout = 200

    @Option(help: "The UDP port of WebRTC, 0 for a free one; if it is left out, the number of --port or a free one.")
    var udpPort: Int?

    @Option(
        help:
            "Where WebRTC clients reach the UDP port, as ADDRESS or ADDRESS:PORT; may be repeated; the default is --host."
    )
    var udpAddress: [String] = []

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port is \(port); give a number from 0 to 65535")
        }
        if let udpPort, !(0...65_535).contains(udpPort) {
            throw ValidationError("--udp-port is \(udpPort); give a number from 0 to 65535")
        }
        for (name, value) in [("--ping-interval", pingInterval), ("--ping-timeout", pingTimeout)]
        where !(1...3_600_000).contains(value) {
            throw ValidationError("\(name) is \(value); give milliseconds from 1 to 3600000")
        }
    }

    func run() async throws {
        do {
            var webRTC = EchoServer.UDPSettings()
            webRTC.port = udpPort
            webRTC.options.publicAddresses = udpAddress
            let ports = try await EchoServer.listen(
                host: host, port: port,
                heartbeat: .init(
                    interval: .milliseconds(Int64(pingInterval)), timeout: .milliseconds(Int64(pingTimeout))),
                webRTC: webRTC)
            // Not print: its buffer would keep the line back when the output is a pipe.
            let localPort = ports.channel.localAddress?.port ?? port
            FileHandle.standardOutput.write(Data("ws://\(host):\(localPort)/echo\n".utf8))
            try await ports.channel.closeFuture.get()
        } catch {
            StandardError.print("perigee: \(error)")
            throw ExitCode.failure
        }
    }
}
