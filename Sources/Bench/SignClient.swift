import Foundation
import JSONValues
import NIOCore
import NIOHTTP1
import NIOPosix

/// Logs players in over HTTP (client protocol, section 1): registers them, or authenticates them if the login exists.
struct SignClient: Sendable {
    /// The answer to a successful login.
    struct Admission: Sendable, Equatable {
        /// The player's id; the handshake sends it with the token.
        var id: Int
        /// The token; valid once, for 60 s.
        var token: String
        /// The port of the player's map.
        var port: Int
    }

    /// The answer to any request.
    struct Answer: Sendable {
        var status: Int
        var retryAfterSeconds: Double?
        var body: [UInt8]
    }

    let group: any EventLoopGroup
    let host: String
    let port: Int
    let password: String

    /// Registers a player, or authenticates it when its login exists; waits and retries when the server asks for it.
    ///
    /// - Parameters:
    ///   - login: The player's login.
    ///   - source: The local address to connect from, or `nil` for the system's choice.
    ///   - waiting: Called with the server's text each time the server asks to retry later.
    /// - Returns: Id, token and port for the handshake.
    /// - Throws: ``BenchError`` when the server refuses or can't be reached, `CancellationError` when cancelled.
    func admit(
        login: String, from source: SocketAddress?, waiting: @Sendable (String) -> Void
    ) async throws -> Admission {
        var path = "/server/sign/register/"
        let body = JSON.object(["login": .string(login), "password": .string(password)]).bytes
        while true {
            try Task.checkCancellation()
            let answer = try await post(path, body, bearer: nil, from: source)
            switch answer.status {
            case 200:
                return try admission(answer, login: login)
            case 409 where path.hasSuffix("register/"):
                path = "/server/sign/auth/"
            default:
                try await wait(answer, login: login, waiting)
            }
        }
    }

    /// Gets a token for a session; waits and retries when the server asks for it.
    ///
    /// - Parameters:
    ///   - session: The session's secret.
    ///   - login: The player's login, for messages.
    ///   - source: The local address to connect from, or `nil` for the system's choice.
    ///   - waiting: Called with the server's text each time the server asks to retry later.
    /// - Returns: Id, token and port for the handshake.
    /// - Throws: ``BenchError`` when the server refuses or can't be reached, `CancellationError` when cancelled.
    func renew(
        session: String, login: String, from source: SocketAddress?, waiting: @Sendable (String) -> Void
    ) async throws -> Admission {
        while true {
            try Task.checkCancellation()
            let answer = try await post("/server/sign/token/", [], bearer: session, from: source)
            if answer.status == 200 { return try admission(answer, login: login) }
            try await wait(answer, login: login, waiting)
        }
    }

    /// Waits as long as a refusal asks for; throws when it does not ask to retry.
    private func wait(_ answer: Answer, login: String, _ waiting: @Sendable (String) -> Void) async throws {
        guard answer.status == 429 || answer.status == 503 else {
            throw BenchError.loginRefused(login: login, status: answer.status, message: Self.words(answer.body))
        }
        let seconds = min(max(answer.retryAfterSeconds ?? 1, 0.05), 60)
        waiting("HTTP \(answer.status), \(Self.words(answer.body))")
        try await Task.sleep(for: .seconds(seconds))
    }

    private func admission(_ answer: Answer, login: String) throws(BenchError) -> Admission {
        guard let object = (try? JSON(parsing: answer.body))?.object, let token = object["token"]?.string,
            let id = object["id"]?.number.flatMap({ Int(exactly: $0) })
        else {
            throw .loginRefused(login: login, status: answer.status, message: "an answer without id and token")
        }
        return Admission(id: id, token: token, port: object["port"]?.number.flatMap { Int(exactly: $0) } ?? port)
    }

    /// Sends a request and waits for its answer, for 30 s at most.
    ///
    /// - Parameters:
    ///   - path: The path, and the query if there is one.
    ///   - body: JSON.
    ///   - bearer: A secret that the request proves its right with.
    ///   - source: The local address to connect from, or `nil` for the system's choice.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``BenchError/unreachable(address:reason:)``.
    func post(
        _ path: String, _ body: [UInt8], bearer: String? = nil, from source: SocketAddress? = nil
    ) async throws -> Answer {
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: Answer.self)
        var headers: HTTPHeaders = [
            "Host": "\(host):\(port)", "Content-Type": "application/json", "Content-Length": "\(body.count)",
            "Connection": "close",
        ]
        if let bearer { headers.add(name: "Authorization", value: "Bearer \(bearer)") }
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
        var bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(.seconds(5))
        if let source { bootstrap = bootstrap.bind(to: source) }
        bootstrap = bootstrap.channelInitializer { [host] channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHTTPClientHandlers()
                try pipeline.addHandler(Exchange(head: head, host: host, body: body, promise: promise))
            }
        }
        do {
            _ = try await bootstrap.connect(host: host, port: port).get()
        } catch {
            // The exchange completes the promise only if it was connected, so it is failed here.
            let failure = BenchError.unreachable(address: "\(host):\(port)", reason: Self.reason(error))
            promise.fail(failure)
            throw failure
        }
        return try await promise.futureResult.get()
    }

    /// The text of an error body.
    static func words(_ body: [UInt8]) -> String {
        if let object = (try? JSON(parsing: body))?.object, let error = object["error"]?.string { return error }
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        return text.isEmpty ? "no explanation" : text.replacingOccurrences(of: "\n", with: " ")
    }

    /// A short reason why a connection failed.
    static func reason(_ error: any Error) -> String {
        if let failure = error as? NIOConnectionError, let first = failure.connectionErrors.first {
            return reason(first.error)
        }
        if let failure = error as? IOError { return String(cString: strerror(failure.errnoCode)) }
        if case .connectTimeout? = error as? ChannelError { return "no answer within 5 s" }
        return "\(error)"
    }

    /// One request and its answer, on a separate connection.
    private final class Exchange: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        private let head: HTTPRequestHead
        private let host: String
        private let body: [UInt8]
        private let promise: EventLoopPromise<Answer>
        private var answer = Answer(status: 0, body: [])
        private var isDone = false
        private var deadline: Scheduled<Void>?

        init(head: HTTPRequestHead, host: String, body: [UInt8], promise: EventLoopPromise<Answer>) {
            self.head = head
            self.host = host
            self.body = body
            self.promise = promise
        }

        func channelActive(context: ChannelHandlerContext) {
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(
                wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: .seconds(30)) { channel.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                answer.status = Int(head.status.code)
                answer.retryAfterSeconds = head.headers.first(name: "Retry-After").flatMap { Double($0) }
            case .body(let part):
                guard answer.body.count + part.readableBytes <= 1 << 20 else { return context.close(promise: nil) }
                answer.body.append(contentsOf: part.readableBytesView)
            case .end:
                finish(.success(answer))
                context.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            finish(.failure(BenchError.unreachable(address: host, reason: SignClient.reason(error))))
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            finish(
                .failure(BenchError.unreachable(address: host, reason: "it closed the connection without an answer")))
        }

        private func finish(_ result: Result<Answer, any Error>) {
            guard !isDone else { return }
            isDone = true
            deadline?.cancel()
            promise.completeWith(result)
        }
    }
}
