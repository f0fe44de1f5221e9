import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import World

/// Asks a running server as its operator: the panel's API over HTTP, or HTTPS.
struct OperatorClient: Sendable {
    /// Why the server could not be asked; one line that says what to do.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let host: String
    /// The server's port.
    let port: Int
    private let key: String
    private let tls: NIOSSLContext?

    /// Finds the server.
    ///
    /// - Parameters:
    ///   - url: Its address; `nil` for that of the server that runs over the data folder.
    ///   - dataDirectory: The server's data folder, with the operator's key.
    /// - Throws: ``Failure``.
    init(url: String?, dataDirectory: String) throws(Failure) {
        let running = url == nil ? ServerAddress.read(from: dataDirectory) : nil
        guard let address = url ?? running?.url else {
            throw Failure(
                description:
                    "no server runs over the data folder \"\(dataDirectory)\"; name its folder with --data DIR, or its address with --url"
            )
        }
        guard let parts = URLComponents(string: address), parts.scheme == "http" || parts.scheme == "https",
            let host = parts.host, !host.isEmpty
        else {
            throw Failure(description: "\"\(address)\" is no address of a server; give http://HOST:PORT or https://…")
        }
        tls = parts.scheme == "https" ? try Self.context(certificate: running?.certificate) : nil
        // A host in brackets is one with colons.
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = parts.port ?? (tls == nil ? 80 : 443)
        let path = "\(dataDirectory)/operator.key"
        guard let key = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure(
                description: "can't read the operator's key \(path); name the server's data folder with --data DIR")
        }
        self.key = key.filter { !$0.isWhitespace }
    }

    /// What the server is known by: its own certificate if its data folder names it, else one that the machine trusts.
    private static func context(certificate: String?) throws(Failure) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            if let certificate {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificate))
                // It was made for the server's name, not for this machine's own address.
                configuration.certificateVerification = .noHostnameVerification
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Failure(description: "can't use the certificate \(certificate ?? "of this machine") (\(error))")
        }
    }

    /// Sends a POST without a body.
    ///
    /// - Parameter path: The path, with its query.
    /// - Returns: The answer's JSON.
    /// - Throws: ``Failure`` when nobody answers, or with a refusal.
    func post(_ path: String) async throws -> JSON { try await request(.POST, path) }

    /// Sends a GET; as ``post(_:)``.
    func get(_ path: String) async throws -> JSON { try await request(.GET, path) }

    /// Sends a request without a body.
    ///
    /// - Parameters:
    ///   - method: GET or POST.
    ///   - path: The path, with its query.
    /// - Returns: The answer's JSON.
    /// - Throws: ``Failure`` when nobody answers, or with a refusal.
    private func request(_ method: HTTPMethod, _ path: String) async throws -> JSON {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: (Int, [UInt8]).self)
        let exchange = Exchange(
            head: HTTPRequestHead(
                version: .http1_1, method: method, uri: path,
                headers: [
                    "Host": host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)",
                    "Authorization": "Bearer \(key)",
                    "Accept": "application/json", "Content-Length": "0", "Connection": "close",
                ]), promise: promise)
        let tls = tls
        let name = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } ? nil : host
        let connection = ClientBootstrap(group: promise.futureResult.eventLoop).connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(exchange.handler())
                }
            }.connect(host: host, port: port)
        connection.whenFailure { promise.fail($0) }
        let status: Int, body: [UInt8]
        do {
            (status, body) = try await promise.futureResult.get()
        } catch {
            throw Failure(
                description:
                    "the server at \(host):\(port) does not answer (\(error)); check that it runs, or name its address with --url"
            )
        }
        guard let json = try? JSON(parsing: body) else {
            throw Failure(description: "the answer of \(host):\(port) is not that of a Perigee server (HTTP \(status))")
        }
        guard status == 200 else {
            let reason = json.object?["error"]?.string ?? "HTTP \(status)"
            throw Failure(
                description: status == 401
                    ? "the server has another operator's key: \(reason)" : "the server refused: \(reason)")
        }
        return json
    }

    /// What one request needs, made into a handler on the connection's loop.
    private struct Exchange: Sendable {
        let head: HTTPRequestHead
        let promise: EventLoopPromise<(Int, [UInt8])>

        func handler() -> Handler { Handler(self) }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        private let exchange: Exchange
        private var status = 0
        private var body: [UInt8] = []
        private var isDone = false

        init(_ exchange: Exchange) { self.exchange = exchange }

        func channelActive(context: ChannelHandlerContext) {
            context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            let channel = context.channel
            context.eventLoop.scheduleTask(in: .seconds(60)) { channel.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): status = Int(head.status.code)
            case .body(let part):
                guard body.count + part.readableBytes <= 16 << 20 else { return context.close(promise: nil) }
                body.append(contentsOf: part.readableBytesView)
            case .end:
                finish(.success((status, body)))
                context.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            finish(.failure(error))
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { finish(.failure(ChannelError.eof)) }

        private func finish(_ result: Result<(Int, [UInt8]), any Error>) {
            guard !isDone else { return }
            isDone = true
            exchange.promise.completeWith(result)
        }
    }
}
