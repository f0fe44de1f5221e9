import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import Transport
package import WebRTC

/// A server that sends every message back, for external conformance suites: over WebSockets at `/echo` (RFC 6455 and
/// RFC 7692), over Engine.IO at the paths of ``EchoEngines``, and over WebRTC data channels, whose offers are answered
/// at `/rtc/offer`.
///
/// It uses the ports and connections of the game server, but not the rules of its sessions: messages at `/echo` may
/// have 16 MiB and any number of fragments, and the server sends only echoes and answers to control frames.
package enum EchoServer {
    /// The largest message at `/echo`, in bytes.
    package static let maxMessageBytes = 16 * 1024 * 1024
    /// How often Engine.IO's clients are pinged, and how long each of them may take to answer.
    package struct Heartbeat: Sendable {
        /// The time between pings.
        package var interval: TimeAmount
        /// The time for the answer; the connection ends when it is over.
        package var timeout: TimeAmount

        /// Makes a heartbeat; the defaults are the times that the protocols' test suites expect.
        package init(interval: TimeAmount = .milliseconds(300), timeout: TimeAmount = .milliseconds(200)) {
            self.interval = interval
            self.timeout = timeout
        }
    }

    /// The most bytes that may wait for all clients together.
    private static let sendMemoryBytes = 1 << 30

    /// The UDP port of WebRTC, and what its clients are told.
    package struct UDPSettings: Sendable {
        /// The UDP port; 0 for a free one, `nil` for the number of the TCP port, or a free one if that is taken.
        package var port: Int?
        /// Its limits and public addresses.
        package var options = RTCOptions()

        /// Makes the usual settings. Suites open many channels.
        package init() { options.streamCount = 256 }
    }

    /// The open ports of the server.
    package struct Ports: Sendable {
        /// The TCP port.
        package let channel: any Channel
        /// The UDP port.
        package let webRTC: RTCPort
    }

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port; 0 for a free one.
    ///   - heartbeat: The times of Engine.IO's pings.
    ///   - webRTC: The UDP port of WebRTC.
    ///   - eventLoop: The event loop of all connections over TCP. The suites of Engine.IO and Socket.IO expect that a
    ///     packet over a WebSocket takes effect before a request that they send after it on another connection. One
    ///     loop handles both in the order of their arrival; two loops would not.
    /// - Returns: The listening ports.
    /// - Throws: ``ListeningError`` when the server can't listen on the address, and ``RTCAddressError``.
    package static func listen(
        host: String, port: Int, heartbeat: Heartbeat = Heartbeat(), webRTC: UDPSettings = UDPSettings(),
        on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    ) async throws -> Ports {
        let rtcPort = try await open(webRTC, host: host, beside: port)
        do {
            let channel = try await listen(host: host, port: port, heartbeat, rtcPort, on: eventLoop)
            return Ports(channel: channel, webRTC: rtcPort)
        } catch {
            rtcPort.close()
            throw error
        }
    }

    private static func open(_ webRTC: UDPSettings, host: String, beside port: Int) async throws -> RTCPort {
        do {
            return try await RTCPort.open(host: host, port: webRTC.port ?? port, options: webRTC.options)
        } catch ListeningError.portTaken where webRTC.port == nil {
            return try await RTCPort.open(host: host, port: 0, options: webRTC.options)
        }
    }

    private static func listen(
        host: String, port: Int, _ heartbeat: Heartbeat, _ rtcPort: RTCPort, on eventLoop: any EventLoop
    ) async throws(ListeningError) -> any Channel {
        let sharedPort = sharedPort(heartbeat)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let negotiated = try sharedPort.setUp(channel) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(EchoRequests(rtcPort))
                        }
                    }
                    negotiated.whenFailure { _ in channel.close(promise: nil) }
                }
            }
        do {
            return try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw ListeningError(error, host: host, port: port)
        }
    }

    private static func sharedPort(_ heartbeat: Heartbeat) -> SharedPort {
        let metrics = TransportMetrics()
        let silent = Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }
        let sendMemory = SendMemory(limit: sendMemoryBytes, metrics: metrics, logger: silent)
        var options = WebSocketConnection.Options(maxMessageBytes: maxMessageBytes)
        options.maxFragments = .max
        let echoOptions = options
        let terms = WebSocketTerms(extensions: .deflate(.individual), options: echoOptions) { EchoSession($0) }
        var port = SharedPort(
            times: { .init(request: .seconds(10), drain: .seconds(30), idle: .seconds(60)) },
            connections: ConnectionLimit { .max }, isProxy: { _ in false }, client: { _, _ in "" },
            options: { echoOptions }, sendMemory: sendMemory, metrics: metrics, pausedTime: { .zero }, tls: nil,
            compresses: false,
            decide: { head, _ in
                guard head.asksForWebSocket, head.uri.prefix(while: { $0 != "?" }) == "/echo" else { return .http }
                if let problem = head.upgradeProblem {
                    return .refuse(problem.status, code: "bad_request", message: problem.description)
                }
                return .serve(terms)
            })
        port.engines = EchoEngines.all(heartbeat: heartbeat, sendMemory: sendMemory, metrics: metrics)
        return port
    }
}
