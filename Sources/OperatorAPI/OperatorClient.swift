import Foundation
import JSONValues
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A client of the panel's API, over HTTP or HTTPS, with the operator's key. Any thread may use it.
package struct OperatorClient: Sendable {
    /// The reason why a request failed.
    package struct Failure: Error, CustomStringConvertible {
        /// One line that says what is wrong and what to do.
        package let description: String
    }

    /// The longest time to establish a connection.
    private static let connectTimeout = TimeAmount.seconds(5)

    private let host: String
    /// The server's port.
    package let port: Int
    private let key: String
    private let tls: NIOSSLContext?

    /// Finds the server's address and reads the operator's key.
    ///
    /// - Parameters:
    ///   - url: The server's address; `nil` finds the server that uses the data folder.
    ///   - dataDirectory: The server's data folder, with the operator's key.
    /// - Throws: ``Failure``.
    package init(url: String?, dataDirectory: String) throws(Failure) {
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
        // An IPv6 address is in brackets here.
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = parts.port ?? (tls == nil ? 80 : 443)
        let path = "\(dataDirectory)/operator.key"
        guard let key = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure(
                description: "can't read the operator's key \(path); name the server's data folder with --data DIR")
        }
        self.key = key.filter { !$0.isWhitespace }
    }

    /// The certificates to trust: the server's own certificate if the data folder names it, else those that the machine
    /// trusts.
    private static func context(certificate: String?) throws(Failure) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            if let certificate {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificate))
                // The certificate names the server's host name, but the connection uses an address of this machine.
                configuration.certificateVerification = .noHostnameVerification
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Failure(description: "can't use the certificate \(certificate ?? "of this machine") (\(error))")
        }
    }

    /// Makes the server reload its game folder, and waits for the result.
    ///
    /// - Returns: The changes, their effects and the problems in the game folder.
    /// - Throws: ``Failure`` when the server does not answer within a minute, or refuses.
    package func reload() async throws -> ReloadAnswer { ReloadAnswer(try await json(of: .reload)) }

    /// Reads the performance of a map.
    ///
    /// - Parameter mapID: The map's number.
    /// - Returns: The times of its latest ticks, and its log.
    /// - Throws: As ``reload()``.
    package func performance(ofMap mapID: Int) async throws -> PerformanceAnswer {
        PerformanceAnswer(try await json(of: .showPerformance, ["map_id": "\(mapID)"]))
    }

    /// Asks the server something, or makes it do something.
    ///
    /// - Parameters:
    ///   - endpoint: What to ask.
    ///   - values: The texts for the parts of its path with a colon.
    ///   - query: The query's names and values.
    ///   - body: The body, as JSON.
    ///   - type: The type of the answer.
    /// - Returns: The answer.
    /// - Throws: As ``reload()``.
    package func answer<Answer: Decodable>(
        of endpoint: Endpoint, _ values: [String: String] = [:], query: [(String, String)] = [],
        body: (any Encodable & Sendable)? = nil, as type: Answer.Type
    ) async throws -> Answer {
        let bytes = try await send(endpoint, values, query, body: body.map { OperatorJSON.bytes($0) } ?? [])
        do throws(OperatorJSON.Mistake) {
            return try OperatorJSON.read(type, bytes)
        } catch {
            throw Failure(description: "the server answers in another form than this version expects (\(error))")
        }
    }

    private func json(of endpoint: Endpoint, _ values: [String: String] = [:]) async throws -> JSON {
        let bytes = try await send(endpoint, values, [], body: [])
        guard let json = try? JSON(parsing: bytes) else { throw stranger(200) }
        return json
    }

    private func stranger(_ status: Int) -> Failure {
        Failure(description: "the answer of \(host):\(port) is not that of a Perigee server (HTTP \(status))")
    }

    /// Sends a request, and returns the body of the answer.
    ///
    /// - Throws: ``Failure`` when the server does not answer, or with a refusal.
    private func send(
        _ endpoint: Endpoint, _ values: [String: String], _ query: [(String, String)], body: [UInt8]
    ) async throws -> [UInt8] {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: (Int, [UInt8]).self)
        let pairs = query.map { "\(Endpoint.encoded($0.0))=\(Endpoint.encoded($0.1))" }.joined(separator: "&")
        let exchange = OperatorExchange(
            head: HTTPRequestHead(
                version: .http1_1, method: HTTPMethod(rawValue: endpoint.method.rawValue),
                uri: endpoint.path(values) + (pairs.isEmpty ? "" : "?" + pairs),
                headers: [
                    "Host": host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)",
                    "Authorization": "Bearer \(key)", "Accept": "application/json",
                    "Content-Type": "application/json", "Content-Length": "\(body.count)", "Connection": "close",
                ]), body: body, promise: promise)
        let tls = tls
        let name = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } ? nil : host
        let connection = ClientBootstrap(group: promise.futureResult.eventLoop).connectTimeout(Self.connectTimeout)
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
        let status: Int, answer: [UInt8]
        do {
            (status, answer) = try await promise.futureResult.get()
        } catch {
            throw Failure(
                description:
                    "the server at \(host):\(port) does not answer (\(error)); check that it runs, or name its address with --url"
            )
        }
        guard status == 200 else {
            guard let json = try? JSON(parsing: answer) else { throw stranger(status) }
            let reason = json.object?["error"]?.string ?? "HTTP \(status)"
            throw Failure(
                description: status == 401
                    ? "the server has another operator's key: \(reason)" : "the server refused: \(reason)")
        }
        return answer
    }
}
